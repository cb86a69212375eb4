using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Spn.Cluster.Tests;

/// <summary>What receives metrics and traces over OTLP, here by HTTP with protocol buffers.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, string Content)> _requests = new();

    public Collector()
    {
        Address = $"http://127.0.0.1:{PostgresServer.FreePort()}";
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = ReceiveAsync();
    }

    public string Address { get; }

    /// <summary>Whether a name was sent to a path. Protocol buffers hold texts as they are.</summary>
    public bool Has(string path, string name)
        => _requests.Any(request => request.Path == path && request.Content.Contains(name, StringComparison.Ordinal));

    public void Dispose() => _listener.Close();

    private async Task ReceiveAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                HttpListenerContext call = await _listener.GetContextAsync();
                using MemoryStream content = new();
                await call.Request.InputStream.CopyToAsync(content);
                _requests.Enqueue((call.Request.Url!.AbsolutePath, Encoding.Latin1.GetString(content.ToArray())));
                call.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The collector ends, or the silo was killed.
            }
        }
    }
}
