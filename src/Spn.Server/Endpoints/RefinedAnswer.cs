using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Spn.Server.Endpoints;

/// <summary>A refined mask or label map, as a PNG or, if the client asks for JSON, with a report.</summary>
internal static class RefinedAnswer
{
    /// <param name="request">Says whether the client asks for JSON.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="model">The name of the model.</param>
    /// <param name="report">How the mask was made.</param>
    /// <param name="save">Writes the mask as a PNG.</param>
    public static Answer Of(HttpRequest request, int width, int height, string model, RefineReport report, Action<Stream> save)
    {
        ReadOnlyMemory<byte> png = Answer.Encode(save);
        (string, string) vary = (HeaderNames.Vary, HeaderNames.Accept);
        RefineTimings times = report.Timings;
        if (!AcceptsJson(request))
        {
            string timing = FormattableString.Invariant($"refine;dur={times.Total.TotalMilliseconds:F1}");
            return new Answer(Answer.PngType, png, vary, ("Server-Timing", timing));
        }
        RefinedJson json = new(
            width, height, model, report.ChangedShare, report.MeanChange, report.Tiles, report.SkippedTiles,
            new RefinedJson.Times(
                times.Input.TotalMilliseconds, times.Guidance.TotalMilliseconds, times.Propagation.TotalMilliseconds,
                times.Output.TotalMilliseconds, times.Total.TotalMilliseconds),
            png);
        return new Answer("application/json", JsonSerializer.SerializeToUtf8Bytes(json, ServerJson.Readable.RefinedJson), vary);
    }

    /// <summary>JSON is for clients that like it best; everything else gets a picture.</summary>
    private static bool AcceptsJson(HttpRequest request)
        => request.GetTypedHeaders().Accept.OrderByDescending(type => type.Quality ?? 1).FirstOrDefault()?.MediaType == "application/json";
}
