using SkiaSharp;
using Spn.Cli.Files;

namespace Spn.Cli.Pictures;

/// <summary>The picture of <c>spn refine --compare</c>.</summary>
internal static class ComparisonFile
{
    /// <returns>A PNG file.</returns>
    public static async Task<byte[]> DrawAsync(
        RefineSettings settings, InputFile photo, InputFile mask, RefinedFile refined, CancellationToken cancellation)
    {
        using Refiner identity = SpnRefiner.Configure()
            .WithMethod(new CoarseMethod()).WithoutCoarsePass().WithoutTiles().WithPixelLimit(RefineSettings.PixelLimit).Build();
        RefinedFile coarse = await RefinedFile.RefineAsync(identity, settings, photo, mask, progress: null, cancellation).ConfigureAwait(false);
        using SKBitmap picture = UprightPhoto.Decode(photo.Bytes.Span);
        return refined.Mask is not null
            ? Comparison.Draw(picture, coarse.Mask!, refined.Mask)
            : Comparison.Draw(picture, coarse.Labels!, refined.Labels!);
    }
}
