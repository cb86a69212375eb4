using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Spn.Server.Tests;

/// <summary>The endpoints on Kestrel at a free port, and a client.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningServer(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<RunningServer> StartAsync(
        Action<SpnServerOptions>? configure = null, string prefix = "", Action<IServiceCollection>? services = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddSpnServer(configure ?? (_ => { }));
        services?.Invoke(builder.Services);
        WebApplication app = builder.Build();
        app.MapGroup(prefix).MapSpnServer();
        await app.StartAsync();
        return new RunningServer(app);
    }

    /// <summary>Sends a form.</summary>
    /// <param name="path">The endpoint.</param>
    /// <param name="parts">Files (<c>byte[]</c>) and options (<c>string</c>) by name.</param>
    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, object Content)[] parts)
        => Client.PostAsync(path, Form(parts));

    public static MultipartFormDataContent Form(params (string Name, object Content)[] parts)
    {
        MultipartFormDataContent form = [];
        foreach ((string name, object content) in parts)
        {
            if (content is byte[] file)
                form.Add(new ByteArrayContent(file) { Headers = { ContentType = new("image/png") } }, name, name + ".png");
            else
                form.Add(new StringContent((string)content), name);
        }
        return form;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
