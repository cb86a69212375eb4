using Microsoft.AspNetCore.Http;

namespace Spn.Server.Endpoints;

/// <summary>A picture as the answer.</summary>
internal sealed class PngResult(ReadOnlyMemory<byte> png) : IResult
{
    public const string ContentType = "image/png";

    /// <summary>Encodes the answer, which belongs to the work of a call; a slow client then holds no place.</summary>
    public static PngResult Of(Action<Stream> save) => new(Encode(save));

    public static ReadOnlyMemory<byte> Encode(Action<Stream> save)
    {
        MemoryStream file = new();
        save(file);
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = ContentType;
        response.ContentLength = png.Length;
        response.Headers.CacheControl = "no-store";
        return response.Body.WriteAsync(png, httpContext.RequestAborted).AsTask();
    }
}
