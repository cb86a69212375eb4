using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Spn.Server.Endpoints;

/// <summary>A refined mask or label map, as a PNG or, if the client asks for JSON, with a report.</summary>
internal sealed class RefinedResult(ReadOnlyMemory<byte> png, RefinedJson report) : IResult
{
    public static RefinedResult Of(int width, int height, RefineSettings settings, RefineReport report, Action<Stream> save)
    {
        ReadOnlyMemory<byte> png = PngResult.Encode(save);
        RefineTimings times = report.Timings;
        return new(png, new RefinedJson(
            width, height, settings.Model.Name, report.ChangedShare, report.MeanChange, report.Tiles, report.SkippedTiles,
            new RefinedJson.Times(
                times.Input.TotalMilliseconds, times.Guidance.TotalMilliseconds, times.Propagation.TotalMilliseconds,
                times.Output.TotalMilliseconds, times.Total.TotalMilliseconds),
            png));
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.Headers[HeaderNames.Vary] = HeaderNames.Accept;
        if (!AcceptsJson(httpContext.Request))
        {
            response.Headers["Server-Timing"] = FormattableString.Invariant($"refine;dur={report.Milliseconds.Total:F1}");
            return new PngResult(png).ExecuteAsync(httpContext);
        }
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(response.Body, report, ServerJson.Readable.RefinedJson, httpContext.RequestAborted);
    }

    /// <summary>JSON is for clients that like it best; everything else gets a picture.</summary>
    private static bool AcceptsJson(HttpRequest request)
        => request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1).FirstOrDefault()?.MediaType == "application/json";
}
