using Microsoft.AspNetCore.Http;

namespace Spn.Server.Endpoints;

/// <summary>What a call returns. It is complete in memory, so that a slow client holds no place.</summary>
/// <param name="contentType">Its type.</param>
/// <param name="content">Its bytes.</param>
/// <param name="headers">Further headers.</param>
internal sealed class Answer(string contentType, ReadOnlyMemory<byte> content, params (string Name, string Value)[] headers) : IResult
{
    public const string PngType = "image/png";

    public long Length => content.Length;

    /// <summary>A picture.</summary>
    public static Answer Png(Action<Stream> save) => new(PngType, Encode(save));

    public static ReadOnlyMemory<byte> Encode(Action<Stream> save)
    {
        MemoryStream file = new();
        save(file);
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        response.Headers.CacheControl = "no-store";
        foreach ((string name, string value) in headers)
            response.Headers[name] = value;
        return response.Body.WriteAsync(content, httpContext.RequestAborted).AsTask();
    }
}
