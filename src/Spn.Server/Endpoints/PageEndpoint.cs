using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Spn.Server.Endpoints;

/// <summary>The page and what belongs to it, from the assembly's resources.</summary>
internal static class PageEndpoint
{
    // Nothing from elsewhere, and no code but the page's own.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string Start = "index.html";

    private static readonly Dictionary<string, string> s_types = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".jpg"] = "image/jpeg",
        [".png"] = "image/png",
        [".md"] = "text/plain; charset=utf-8",
    };

    /// <summary>The files' names.</summary>
    public static IEnumerable<string> Names => typeof(PageEndpoint).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith("Page/", StringComparison.Ordinal)).Select(name => name["Page/".Length..]);

    /// <summary>The page itself. Its links are relative, so it must be at an address that ends in a slash.</summary>
    public static IResult Page(HttpContext context)
    {
        PathString path = context.Request.PathBase + context.Request.Path;
        return path.Value is [.., '/'] ? File(context, Start) : Results.Redirect($"{path}/");
    }

    public static IResult File(HttpContext context, string name)
    {
        byte[] content = Read(name);
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache"; // a browser asks whether its copy is still right
        EntityTagHeaderValue tag = new($"\"{Convert.ToHexString(SHA256.HashData(content).AsSpan(0, 8))}\"");
        return Results.Bytes(content, s_types[Path.GetExtension(name)], entityTag: tag);
    }

    private static byte[] Read(string name)
    {
        using Stream resource = typeof(PageEndpoint).Assembly.GetManifestResourceStream($"Page/{name}")!;
        byte[] content = new byte[resource.Length];
        resource.ReadExactly(content);
        return content;
    }
}
