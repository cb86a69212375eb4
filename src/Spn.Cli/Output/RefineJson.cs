using System.Text.Json;
using Spn.Cli.Commands;
using Spn.Cli.Files;

namespace Spn.Cli.Output;

/// <summary>The report of <c>spn refine --json</c>.</summary>
/// <param name="Photo">As it was given.</param>
/// <param name="Mask">As it was given.</param>
/// <param name="Output">The refined mask.</param>
/// <param name="CutOut">The object of <c>--cutout</c>.</param>
/// <param name="Comparison">The picture of <c>--compare</c>.</param>
/// <param name="Model">Fast, Quality, or the path of the model.</param>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="ChangedShare">The share of the pixels that changed sides, 0..1.</param>
/// <param name="MeanChange">The mean of |refined - coarse|, 0..1.</param>
/// <param name="Better">The probability that the refined mask is better; <see langword="null"/> for a label map.</param>
/// <param name="KeptCoarse">Whether <c>--fallback</c> kept the coarse mask.</param>
/// <param name="Tiles">See <see cref="RefineReport.Tiles"/>.</param>
/// <param name="SkippedTiles">See <see cref="RefineReport.SkippedTiles"/>.</param>
/// <param name="Milliseconds">Where the time went.</param>
internal sealed record RefineJson(
    string Photo, string Mask, string Output, string? CutOut, string? Comparison, string Model, int Width, int Height,
    double ChangedShare, double MeanChange, double? Better, bool KeptCoarse, int Tiles, int SkippedTiles, RefineJson.Times Milliseconds)
{
    internal sealed record Times(double Input, double Guidance, double Propagation, double Output, double Total);

    public static string Of(
        InputFile photo, InputFile mask, Outputs outputs, RefineSettings settings, RefinedFile refined)
    {
        RefineReport report = refined.Report;
        MaskVerdict? verdict = report.Verdicts.Count > 0 ? report.Verdicts[0] : null;
        RefineTimings timings = report.Timings;
        RefineJson json = new(
            photo.Name, mask.Name, outputs.Mask, outputs.CutOut, outputs.Comparison, settings.Model.Name, refined.Width, refined.Height,
            report.ChangedShare, report.MeanChange, verdict?.Better, verdict?.KeptCoarse ?? false, report.Tiles, report.SkippedTiles,
            new Times(
                timings.Input.TotalMilliseconds, timings.Guidance.TotalMilliseconds, timings.Propagation.TotalMilliseconds,
                timings.Output.TotalMilliseconds, timings.Total.TotalMilliseconds));
        return JsonSerializer.Serialize(json, Json.Readable.RefineJson);
    }
}
