using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Spn.Server.Endpoints;

namespace Spn.Server.Problems;

/// <summary>An error as problem details (RFC 9457).</summary>
internal sealed class ProblemResult(int status, string detail, int? retryAfterSeconds = null) : IResult
{
    /// <summary>The answer's JSON.</summary>
    internal sealed record Content(string Title, int Status, string Detail);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/problem+json";
        response.Headers.CacheControl = "no-store";
        if (retryAfterSeconds is int seconds)
            response.Headers[HeaderNames.RetryAfter] = seconds.ToString(CultureInfo.InvariantCulture);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(
            new Content(ReasonPhrases.GetReasonPhrase(status), status, detail), ServerJson.Readable.Content);
        response.ContentLength = json.Length;
        return response.Body.WriteAsync(json, httpContext.RequestAborted).AsTask();
    }
}
