namespace Spn.Imaging;

/// <summary>Fills planes of <c>Height · Width</c> floats.</summary>
/// <param name="planes">The destination, row by row without gaps.</param>
internal delegate void PlaneReader(Span<float> planes);

/// <summary>
/// An opened source of pixels. Its size is known and checked, so the caller can provide the memory; the pixels are decoded by
/// <see cref="Read"/>.
/// </summary>
/// <param name="width">Pixels per row, after EXIF orientation.</param>
/// <param name="height">Rows, after EXIF orientation.</param>
/// <param name="read">Fills <c>[3, Height, Width]</c> for an image, <c>[Height, Width]</c> for a mask.</param>
/// <param name="owner">Disposed together with this object.</param>
/// <param name="readAlpha">Fills <c>[Height, Width]</c> with the alpha of an image; <see langword="null"/> if it is opaque.</param>
internal sealed class OpenPixels(
    int width, int height, PlaneReader read, IDisposable? owner = null, PlaneReader? readAlpha = null) : IDisposable
{
    public int Width => width;

    public int Height => height;

    /// <summary>Decodes the pixels as floats in 0..1.</summary>
    /// <param name="planes"><c>[3, Height, Width]</c> for an image, <c>[Height, Width]</c> for a mask.</param>
    public void Read(Span<float> planes) => read(planes);

    /// <summary>Multiplies a mask by the alpha of the image.</summary>
    /// <param name="mask"><c>[Height, Width]</c>, changed in place unless the image is opaque.</param>
    public void MultiplyAlpha(Span<float> mask)
    {
        if (readAlpha is null)
            return;
        using Planes alpha = new(1, Height, Width);
        readAlpha(alpha.All);
        for (int i = 0; i < mask.Length; i++)
            mask[i] *= alpha.All[i];
    }

    public void Dispose() => owner?.Dispose();
}
