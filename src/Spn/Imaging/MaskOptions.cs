using SkiaSharp;

namespace Spn;

/// <summary>How a <see cref="MaskInput"/> is read and laid over its image. Every property has a default that suits most masks.</summary>
/// <example><code>
/// MaskInput mask = MaskInput.From("u2net.png").With(new MaskOptions { Fit = MaskFit.Stretch });
/// </code></example>
public sealed record MaskOptions
{
    internal static MaskOptions Default { get; } = new();

    /// <summary>What the values mean. Default: <see cref="MaskValues.Auto"/>.</summary>
    public MaskValues Values { get; init; } = MaskValues.Auto;

    /// <summary>Which part of the image the mask covers. Default: <see cref="MaskFit.Proportional"/>.</summary>
    public MaskFit Fit { get; init; } = MaskFit.Proportional;

    /// <summary>
    /// The colour table of an RGB mask, for example <see cref="LabelPalette.Voc"/>. Index 0 is background, index 255 is undecided (0.5),
    /// and at most one other colour may occur, which is the object. Default: <see langword="null"/>, coloured masks are refused.
    /// </summary>
    public IReadOnlyList<SKColor>? Colors { get; init; }

    /// <exception cref="ArgumentOutOfRangeException">An enumeration has an undefined value.</exception>
    internal MaskOptions Checked()
    {
        if (!Enum.IsDefined(Values))
            throw new ArgumentOutOfRangeException(nameof(Values), Values, "Expected a defined MaskValues.");
        if (!Enum.IsDefined(Fit))
            throw new ArgumentOutOfRangeException(nameof(Fit), Fit, "Expected a defined MaskFit.");
        return this;
    }
}
