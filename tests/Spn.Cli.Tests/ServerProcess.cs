using System.Net;
using System.Net.Sockets;
using Xunit;

namespace Spn.Cli.Tests;

/// <summary>A running <c>spn serve</c> at a free port, and a client.</summary>
internal sealed class ServerProcess : IDisposable
{
    private ServerProcess(SpnProcess process, int port)
    {
        Process = process;
        Port = port;
        Client = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}"), Timeout = TimeSpan.FromMinutes(5) };
    }

    public SpnProcess Process { get; }

    public int Port { get; }

    public HttpClient Client { get; }

    /// <summary>Starts the server, and waits until it answers.</summary>
    /// <param name="start">Starts the program with these arguments.</param>
    public static async Task<ServerProcess> StartAsync(Func<string[], SpnProcess> start)
    {
        int port = FreePort();
        ServerProcess server = new(start(["serve", "--port", $"{port}"]), port);
        bool answers = false;
        await server.Process.UntilAsync(() => answers = answers || Answers(port));
        return server;
    }

    /// <summary>Checks the page, and that a mask is refined.</summary>
    /// <returns>The refined mask.</returns>
    public async Task<byte[]> RefineAsync()
    {
        Assert.Contains("<title>Spn", await Client.GetStringAsync("/"), StringComparison.Ordinal);
        using MultipartFormDataContent form = [];
        form.Add(new ByteArrayContent(Scene.Photo()), "image", "photo.jpg");
        form.Add(new ByteArrayContent(Scene.Mask()), "mask", "mask.png");
        using HttpResponseMessage response = await Client.PostAsync("refine", form);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsByteArrayAsync();
    }

    public void Dispose()
    {
        Client.Dispose();
        Process.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static bool Answers(int port)
    {
        using TcpClient client = new();
        try
        {
            client.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
