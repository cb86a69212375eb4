using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Spn.Orleans.Tests.Storage;

/// <summary>A server that speaks as much of S3 and Azure Blob Storage as one needs to read and write objects.</summary>
internal sealed class FakeCloud : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentDictionary<string, byte[]> _objects = new();
    private readonly string _root;
    private int _failures;

    /// <param name="root">The path of the only bucket or container.</param>
    public FakeCloud(string root)
    {
        _root = root;
        using (TcpListener port = new(IPAddress.Loopback, 0))
        {
            port.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}";
        }
        _listener.Prefixes.Add($"{Address}/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    private bool IsS3 => _root.LastIndexOf('/') == 0; // Azure's has an account too

    /// <summary>The names of all objects, below the root.</summary>
    public IEnumerable<string> Names => _objects.Keys;

    /// <summary>The next calls are answered with an error of the server.</summary>
    public void Fail(int calls) => Interlocked.Exchange(ref _failures, calls);

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext call;
            try
            {
                call = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            _ = AnswerAsync(call);
        }
    }

    private async Task AnswerAsync(HttpListenerContext call)
    {
        HttpListenerResponse answer = call.Response;
        string path = Uri.UnescapeDataString(call.Request.Url!.AbsolutePath);
        answer.Headers["ETag"] = "\"0-1\""; // as of an upload in parts, so that clients do not take it for a hash
        answer.Headers["Last-Modified"] = DateTime.UnixEpoch.ToString("R", CultureInfo.InvariantCulture);
        byte[] content = [];
        if (Interlocked.Decrement(ref _failures) >= 0)
            content = Error(answer, 503, "SlowDown", "ServerBusy");
        else if (!path.StartsWith(_root + "/", StringComparison.Ordinal))
            content = Error(answer, 404, "NoSuchBucket", "ContainerNotFound");
        else if (call.Request.HttpMethod == "PUT")
            (_objects[path[(_root.Length + 1)..]], answer.StatusCode) = (await ReadAsync(call.Request), IsS3 ? 200 : 201);
        else if (_objects.TryGetValue(path[(_root.Length + 1)..], out byte[]? found))
            (content, answer.Headers["x-ms-blob-type"]) = (found, "BlockBlob");
        else
            content = Error(answer, 404, "NoSuchKey", "BlobNotFound");
        await answer.OutputStream.WriteAsync(content);
        answer.Close();
    }

    private byte[] Error(HttpListenerResponse answer, int status, string ofS3, string ofAzure)
    {
        string code = IsS3 ? ofS3 : ofAzure;
        (answer.StatusCode, answer.Headers["x-ms-error-code"], answer.ContentType) = (status, code, "application/xml");
        return Encoding.UTF8.GetBytes($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }

    private static async Task<byte[]> ReadAsync(HttpListenerRequest request)
    {
        using MemoryStream body = new();
        await request.InputStream.CopyToAsync(body);
        byte[] bytes = body.ToArray();
        if (request.Headers["x-amz-content-sha256"]?.StartsWith("STREAMING-", StringComparison.Ordinal) != true)
            return bytes;
        // Chunks: their length in hexadecimal digits, a signature, the bytes; the last one is empty.
        using MemoryStream content = new();
        for (int at = 0; ;)
        {
            int end = at + bytes.AsSpan(at).IndexOf("\r\n"u8);
            int length = int.Parse(
                Encoding.ASCII.GetString(bytes[at..end]).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
                return content.ToArray();
            content.Write(bytes, end + 2, length);
            at = end + 2 + length + 2;
        }
    }
}
