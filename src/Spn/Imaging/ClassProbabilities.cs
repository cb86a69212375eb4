using Spn.Imaging;

namespace Spn;

/// <summary>
/// A probability for every class and pixel, such as the softmax of a segmentation network. Immutable and in managed memory.
/// </summary>
public sealed class ClassProbabilities
{
    private readonly float[] _pixels;

    internal ClassProbabilities(int classes, int width, int height, float[] pixels)
        => (Classes, Width, Height, _pixels) = (classes, width, height, pixels);

    /// <summary>The number of classes K.</summary>
    public int Classes { get; }

    /// <summary>Pixels per row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The probabilities in 0..1 as <c>[K, Height, Width]</c>.</summary>
    public ReadOnlySpan<float> Pixels => _pixels;

    /// <summary>One class as a mask, copied.</summary>
    /// <param name="index">The class, 0..K-1.</param>
    public Mask this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Classes, nameof(index));
            int plane = Width * Height;
            return new Mask(Width, Height, _pixels.AsSpan(index * plane, plane).ToArray());
        }
    }

    /// <summary>Probabilities <c>[K, height, width]</c>, copied. Each is in 0..1, to within 0.001; they need not sum to 1.</summary>
    /// <param name="pixels">Class by class, rows from top to bottom.</param>
    /// <param name="classes">The number of classes K, 1 or more.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive.</exception>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    public static ClassProbabilities FromPixels(ReadOnlySpan<float> pixels, int classes, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        long needed = (long)classes * width * height;
        if (pixels.Length < needed)
        {
            throw new ArgumentException(
                $"pixels: [{classes}, {height}, {width}] needs {needed:N0} values, got {pixels.Length:N0}.", nameof(pixels));
        }
        return new(classes, width, height, pixels[..(int)needed].ToArray());
    }

    /// <summary>The most likely class of every pixel (the lowest of equals), as labels 0..K-1. No label is void.</summary>
    public LabelMap ToLabelMap()
        => new(Width, Height, MostLikely.Of(_pixels, Width * Height), palette: null, voidLabel: null);

    /// <summary>The classes at an image's size. They must not be changed, because they may lie in the memory of this object.</summary>
    /// <param name="argument">The caller's argument, which an exception names.</param>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <returns><c>[K, height, width]</c>, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">A value is NaN or outside 0..1.</exception>
    internal Planes ToPlanes(string argument, int width, int height)
    {
        bool sameSize = Width == width && Height == height;
        if (sameSize && UnitRange.Contains(_pixels))
            return new Planes(_pixels, Classes, Height, Width);
        Planes planes = new(Classes, height, width);
        try
        {
            using Planes? own = sameSize ? null : new(1, Height, Width);
            for (int k = 0; k < Classes; k++)
            {
                Span<float> values = own is null ? planes[k] : own.All;
                _pixels.AsSpan(k * Width * Height, Width * Height).CopyTo(values);
                UnitRange.Clamp(argument, values);
                if (own is not null)
                    PlaneResize.Resample(y => own.Row(0, y), Width, Height, new(0, 0, Width, Height), planes[k], width, height);
            }
            return planes;
        }
        catch
        {
            planes.Dispose();
            throw;
        }
    }
}
