using Spn.Imaging;

namespace Spn.Metrics;

/// <summary>A hard mask of <see cref="Width"/> x <see cref="Height"/> pixels, row by row: what the metrics compare.</summary>
public sealed class BinaryMask
{
    private readonly byte[] _pixels; // 0 or 1

    private BinaryMask(int width, int height, int length, string argument)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (length != (long)width * height)
            throw new ArgumentException($"{argument} holds {length} pixels, but {width} x {height} needs {(long)width * height}.", argument);
        (Width, Height, _pixels) = (width, height, new byte[length]);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The pixels row by row: 1 inside the object, 0 outside.</summary>
    public ReadOnlySpan<byte> Pixels => _pixels;

    /// <summary>A mask from probabilities in 0..1: 0.5 and more is inside, NaN is outside.</summary>
    /// <param name="probabilities">width · height values, row by row.</param>
    /// <param name="width">Pixels in a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1.</exception>
    /// <exception cref="ArgumentException">The number of values is not width · height.</exception>
    public static BinaryMask From(ReadOnlySpan<float> probabilities, int width, int height)
    {
        var mask = new BinaryMask(width, height, probabilities.Length, nameof(probabilities));
        for (int i = 0; i < probabilities.Length; i++)
            mask._pixels[i] = probabilities[i] >= 0.5f ? (byte)1 : (byte)0;
        return mask;
    }

    /// <summary>
    /// A mask from 8-bit values by the rule of <see cref="MaskValues.Auto"/>: zeros and ones, or probabilities 0..255, of which 128 and more is inside.
    /// </summary>
    /// <param name="probabilities">width · height values, row by row.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="ArgumentException">The number of values is not width · height, or the highest value is 2 to 31.</exception>
    public static BinaryMask From(ReadOnlySpan<byte> probabilities, int width, int height)
    {
        var mask = new BinaryMask(width, height, probabilities.Length, nameof(probabilities));
        int max = 0;
        foreach (byte value in probabilities)
            max = Math.Max(max, value);
        int one = MaskScale.Resolve(
            max, byte.MaxValue, MaskValues.Auto, why => new ArgumentException($"{nameof(probabilities)}: the mask {why}", nameof(probabilities)));
        for (int i = 0; i < probabilities.Length; i++)
            mask._pixels[i] = 2 * probabilities[i] > one ? (byte)1 : (byte)0;
        return mask;
    }

    /// <summary>A mask from booleans: <see langword="true"/> is inside.</summary>
    /// <param name="inside">width · height values, row by row.</param>
    /// <param name="width">Pixels in a row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1.</exception>
    /// <exception cref="ArgumentException">The number of values is not width · height.</exception>
    public static BinaryMask From(ReadOnlySpan<bool> inside, int width, int height)
    {
        var mask = new BinaryMask(width, height, inside.Length, nameof(inside));
        for (int i = 0; i < inside.Length; i++)
            mask._pixels[i] = inside[i] ? (byte)1 : (byte)0;
        return mask;
    }
}
