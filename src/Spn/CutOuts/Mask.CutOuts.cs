using Spn.CutOuts;
using Spn.Imaging;
using Spn.Simd;

namespace Spn;

/// <content>Cut-outs and trimaps.</content>
public sealed partial class Mask
{
    /// <summary>
    /// Cuts the masked object out of its image. The mask becomes the alpha of the result, and the colours of half-transparent pixels are
    /// estimated without the old background, so that no fringe of it stays (Germer et al. 2020, arXiv 2006.14970).
    /// </summary>
    /// <param name="image">
    /// The image; the mask may be smaller, with the same proportions to within one of its pixels. If the image is transparent itself, its
    /// alpha multiplies the mask.
    /// </param>
    /// <param name="pixelLimit">The maximum number of pixels of the image, 1 to 500 million; default 100 million.</param>
    /// <returns>The object at the image's size. Opaque pixels have the image's colours.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="ArgumentException">The image is null, a folder, or has other proportions than the mask.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file is not an image, truncated, or too large.</exception>
    public RgbaImage CutOut(ImageInput image, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return CutOut(image, PixelLimit.Require(pixelLimit), CancellationToken.None);
    }

    /// <summary>Cuts the masked object out of its image on a pool thread; a stream is read asynchronously.</summary>
    /// <param name="image">The image.</param>
    /// <param name="pixelLimit">The maximum number of pixels of the image, 1 to 500 million; default 100 million.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <inheritdoc cref="CutOut(ImageInput, long)"/>
    public Task<RgbaImage> CutOutAsync(ImageInput image, long pixelLimit = PixelLimit.Default, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        PixelLimit.Require(pixelLimit);
        return Task.Run(async () =>
        {
            ImageInput buffered = await image.BufferAsync(pixelLimit, cancellation).ConfigureAwait(false);
            return CutOut(buffered, pixelLimit, cancellation);
        }, cancellation);
    }

    /// <summary>
    /// A trimap, as matting methods expect it: 1 for the foreground, 0 for the background, and 0.5 where neither is certain. It saves as
    /// 255, 0 and 128.
    /// </summary>
    /// <param name="radius">
    /// How many pixels around everything uncertain, and around a hard boundary, are uncertain as well; 0 to 65534, default 10.
    /// </param>
    /// <param name="margin">How far from 0 or 1 a probability may be and still be certain, 0 to below 0.5; default 0.05.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of range.</exception>
    public Mask ToTrimap(int radius = 10, float margin = 0.05f)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(radius);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(radius, (int)ushort.MaxValue);
        if (!(margin >= 0 && margin < 0.5f))
            throw new ArgumentOutOfRangeException(nameof(margin), margin, "Expected 0 or more, and less than 0.5.");
        return new Mask(Width, Height, Trimaps.Of(this, radius, margin));
    }

    private RgbaImage CutOut(ImageInput image, long pixelLimit, CancellationToken cancellation)
    {
        using OpenPixels source = image.Open(pixelLimit);
        MaskPlane.RequireProportions("mask", Width, Height, source.Width, source.Height);
        using Planes pixels = new(3, source.Height, source.Width), alpha = new(1, source.Height, source.Width);
        source.Read(pixels.All);
        MaskInput.From(this).Read("mask", pixelLimit, source.Width, source.Height, alpha.All);
        source.MultiplyAlpha(alpha.All);
        cancellation.ThrowIfCancellationRequested();
        byte[] cutOut = ForegroundColors.CutOut(pixels, alpha.All, Environment.ProcessorCount, SimdLevels.Best, cancellation);
        return new RgbaImage(source.Width, source.Height, cutOut);
    }
}
