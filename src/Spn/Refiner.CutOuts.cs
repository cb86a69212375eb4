using Spn.CutOuts;
using Spn.Imaging;
using Spn.Refinement;
using Spn.Simd;

namespace Spn;

/// <content>Cut-outs.</content>
public sealed partial class Refiner
{
    /// <summary>The levels of a cut-out. Faint remains all over the background would be visible on a new one.</summary>
    private const float Black = 0.03f, White = 0.97f;

    /// <summary>
    /// Refines a mask and cuts its object out of the image: the refined mask becomes the alpha of the result, and the colours of
    /// half-transparent pixels are estimated without the old background. The same as <c>Refine(image, coarseMask).Levels(0.03f,
    /// 0.97f).CutOut(image)</c>, with the image read once: without these levels a faint remainder of the background would stay.
    /// </summary>
    /// <param name="image">The image. If it is transparent itself, its alpha multiplies the refined mask.</param>
    /// <param name="coarseMask">The mask; it may be smaller than the image, with the same proportions to within one of its pixels.</param>
    /// <returns>The object at the image's size. Opaque pixels have the image's colours.</returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public RgbaImage CutOut(ImageInput image, MaskInput coarseMask)
    {
        Require(image, coarseMask, nameof(coarseMask));
        return Work(new Stages(), stages => CutOutOne(image, coarseMask, stages)).Result;
    }

    /// <summary>
    /// Refines a mask and cuts its object out on a pool thread. Streams are read asynchronously; borrowed memory must stay unchanged until
    /// the task completes.
    /// </summary>
    /// <param name="image">The image.</param>
    /// <param name="coarseMask">The mask.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="CutOut(ImageInput, MaskInput)"/>
    public Task<RgbaImage> CutOutAsync(ImageInput image, MaskInput coarseMask, CancellationToken cancellation = default)
    {
        Require(image, coarseMask, nameof(coarseMask));
        return ResultOf(RunAsync(image, coarseMask, Buffer, CutOutOne, measured: false, progress: null, cancellation));
    }

    private Refined<RgbaImage> CutOutOne(ImageInput image, MaskInput coarseMask, Stages stages)
    {
        using OpenPixels source = image.Open(_settings.PixelLimit);
        using Planes pixels = Read(source, masks: 1);
        using Planes coarse = Read([coarseMask], pixels.Width, pixels.Height, static _ => nameof(coarseMask));
        using Planes refined = new(1, pixels.Height, pixels.Width);
        Run(pixels, coarse, MapKind.Masks, refined, stages);
        Span<float> alpha = refined[0];
        foreach (ref float value in alpha)
            value = _settings.HardThreshold is float threshold ? (value >= threshold ? 1 : 0) : Mask.Stretch(value, Black, White);
        source.MultiplyAlpha(alpha);
        byte[] cutOut = ForegroundColors.CutOut(pixels, alpha, _settings.MaxThreads, SimdLevels.Best, stages.Cancellation);
        stages.End(Stage.Output);
        return new(new RgbaImage(pixels.Width, pixels.Height, cutOut), default);
    }
}
