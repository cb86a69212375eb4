using Spn.Imaging;
using TorchSharp;

namespace Spn;

/// <summary>A probability for every class and pixel, such as a segmentation network's softmax. Immutable and in managed memory.</summary>
public sealed class ClassProbabilities
{
    private readonly float[] _pixels;

    internal ClassProbabilities(int classes, int width, int height, float[] pixels)
        => (Classes, Width, Height, _pixels) = (classes, width, height, pixels);

    /// <summary>The number of classes K.</summary>
    public int Classes { get; }

    /// <summary>Pixels a row.</summary>
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

    /// <summary>Probabilities <c>[K, height, width]</c>, copied. Each in 0..1; they need not sum to 1.</summary>
    /// <param name="pixels">Class by class, rows from top to bottom.</param>
    /// <param name="classes">The number of classes K, 1 or more.</param>
    /// <param name="width">Pixels a row, 1 or more.</param>
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
            throw new ArgumentException($"pixels: {pixels.Length:N0} values came; [{classes}, {height}, {width}] needs {needed:N0}.", nameof(pixels));
        return new(classes, width, height, pixels[..(int)needed].ToArray());
    }

    /// <summary>The likeliest class of every pixel (the lowest of equals), as labels 0..K-1.</summary>
    public LabelMap ToLabelMap()
    {
        int plane = Width * Height;
        int[] labels = new int[plane];
        float[] best = _pixels[..plane];
        for (int k = 1; k < Classes; k++)
        {
            ReadOnlySpan<float> map = _pixels.AsSpan(k * plane, plane);
            for (int i = 0; i < plane; i++)
            {
                if (map[i] > best[i])
                    (best[i], labels[i]) = (map[i], k);
            }
        }
        return new LabelMap(Width, Height, labels, null);
    }

    /// <summary><c>[1, K, H, W]</c>, float32, checked to lie in 0..1.</summary>
    internal torch.Tensor ToTensor(long pixelLimit)
    {
        PixelLimit.Check("coarseClasses", Width, Height, pixelLimit);
        torch.Tensor values = torch.empty(1, Classes, Height, Width, torch.float32);
        _pixels.CopyTo(values.Span<float>()); // torch.tensor would copy them into a managed array first
        return TensorPixels.RequireUnit("coarseClasses", values);
    }
}
