using Spn.Cli.Files;

namespace Spn.Cli;

/// <summary>A refined mask or label map, which can be encoded, and how it was made.</summary>
/// <param name="Mask">The mask; <see langword="null"/> if it is a label map.</param>
/// <param name="Labels">The label map; <see langword="null"/> if it is a mask.</param>
/// <param name="Report">Timings, and how much changed.</param>
internal sealed record RefinedFile(Mask? Mask, LabelMap? Labels, RefineReport Report)
{
    // The levels of Refiner.CutOut, so that its cut-outs and these are the same.
    private const float Black = 0.03f, White = 0.97f;

    public int Width => Mask?.Width ?? Labels!.Width;

    public int Height => Mask?.Height ?? Labels!.Height;

    /// <summary>Refines one mask or label map of a photo.</summary>
    public static async Task<RefinedFile> RefineAsync(
        Refiner refiner, RefineSettings settings, InputFile photo, InputFile mask, IProgress<RefineProgress>? progress,
        CancellationToken cancellation)
    {
        if (settings.AreLabels)
        {
            LabelMap coarse = LabelMap.Load(mask.Bytes, settings.Mask.Colors, RefineSettings.PixelLimit);
            (LabelMap labels, RefineReport change) =
                await refiner.RefineWithReportAsync(photo.Bytes, coarse, progress, cancellation).ConfigureAwait(false);
            return new RefinedFile(null, labels, change);
        }
        MaskInput input = MaskInput.From(mask.Bytes).With(settings.Mask);
        (Mask refined, RefineReport report) =
            await refiner.RefineWithReportAsync(photo.Bytes, input, progress, cancellation).ConfigureAwait(false);
        return new RefinedFile(refined, null, report);
    }

    /// <summary>The object, cut out of its photo, as a PNG. Only masks have it.</summary>
    public async Task<ReadOnlyMemory<byte>> CutOutAsync(InputFile photo, CancellationToken cancellation)
    {
        RgbaImage cutOut = await Mask!.Levels(Black, White)
            .CutOutAsync(photo.Bytes, RefineSettings.PixelLimit, cancellation).ConfigureAwait(false);
        MemoryStream file = new();
        cutOut.Save(file);
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    /// <summary>The content of the file. Label maps are always PNG.</summary>
    public ReadOnlyMemory<byte> Encode(MaskFormat format)
    {
        MemoryStream file = new();
        if (Mask is not null)
            Mask.Save(file, format);
        else
            Labels!.Save(file);
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }
}
