using Spn.Imaging;

namespace Spn.Metrics;

/// <summary>A binary mask of <see cref="Width"/> x <see cref="Height"/> pixels in row-major order, as compared by the metrics.</summary>
public sealed class BinaryMask
{
    private readonly byte[] _pixels; // 0 or 1

    private BinaryMask(int width, int height, int length, string argument)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (length != (long)width * height)
        {
            throw new ArgumentException(
                $"{argument} has {length} pixels; expected {(long)width * height} for {width} x {height}.", argument);
        }
        (Width, Height, _pixels) = (width, height, new byte[length]);
    }

    /// <summary>The number of columns.</summary>
    public int Width { get; }

    /// <summary>The number of rows.</summary>
    public int Height { get; }

    /// <summary>The pixels in row-major order: 1 inside the object, 0 outside.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>Creates a mask from probabilities in 0..1: values of at least 0.5 are inside, NaN is outside.</summary>
    /// <param name="probabilities">width · height values in row-major order.</param>
    /// <param name="width">Number of columns, at least 1.</param>
    /// <param name="height">Number of rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width or the height is less than 1.</exception>
    /// <exception cref="ArgumentException">The number of values is not width · height.</exception>
    public static BinaryMask From(ReadOnlySpan<float> probabilities, int width, int height)
    {
        var mask = new BinaryMask(width, height, probabilities.Length, nameof(probabilities));
        for (int i = 0; i < probabilities.Length; i++)
            mask._pixels[i] = probabilities[i] >= 0.5f ? (byte)1 : (byte)0;
        return mask;
    }

    /// <summary>
    /// Creates a mask from 8-bit values by the rule of <see cref="MaskValues.Auto"/>: zeros and ones, or probabilities in 0..255, of which
    /// values of at least 128 are inside.
    /// </summary>
    /// <param name="probabilities">width · height values in row-major order.</param>
    /// <param name="width">Number of columns, at least 1.</param>
    /// <param name="height">Number of rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width or the height is less than 1.</exception>
    /// <exception cref="ArgumentException">The number of values is not width · height, or the highest value is 2 to 31.</exception>
    public static BinaryMask From(ReadOnlySpan<byte> probabilities, int width, int height)
    {
        var mask = new BinaryMask(width, height, probabilities.Length, nameof(probabilities));
        int max = 0;
        foreach (byte value in probabilities)
            max = Math.Max(max, value);
        int one = MaskScale.Resolve(
            max, byte.MaxValue, MaskValues.Auto,
            (why, advice) => InputProblem.ForArgument(new InputName(nameof(probabilities), "the mask"), why, advice));
        for (int i = 0; i < probabilities.Length; i++)
            mask._pixels[i] = 2 * probabilities[i] > one ? (byte)1 : (byte)0;
        return mask;
    }

    /// <summary>Creates a mask from booleans: <see langword="true"/> is inside.</summary>
    /// <param name="inside">width · height values in row-major order.</param>
    /// <param name="width">Number of columns, at least 1.</param>
    /// <param name="height">Number of rows, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width or the height is less than 1.</exception>
    /// <exception cref="ArgumentException">The number of values is not width · height.</exception>
    public static BinaryMask From(ReadOnlySpan<bool> inside, int width, int height)
    {
        var mask = new BinaryMask(width, height, inside.Length, nameof(inside));
        for (int i = 0; i < inside.Length; i++)
            mask._pixels[i] = inside[i] ? (byte)1 : (byte)0;
        return mask;
    }
}
