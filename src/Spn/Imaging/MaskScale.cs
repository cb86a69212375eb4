namespace Spn.Imaging;

/// <summary>The one rule by which integer mask values become probabilities; see <see cref="MaskValues"/>.</summary>
internal static class MaskScale
{
    /// <summary>A highest value below this share of the range may as well be a label.</summary>
    private const int MinShare = 8;

    /// <summary>The value that means probability 1.</summary>
    /// <param name="max">The highest value of the mask.</param>
    /// <param name="range">The highest value of its type: 255 for 8 bits, 65535 for 16.</param>
    /// <param name="values">What the caller says.</param>
    /// <param name="refuse">Makes the exception for a mask that cannot be interpreted.</param>
    public static int Resolve(int max, int range, MaskValues values, Func<string, InputAdvice, Exception> refuse)
    {
        if (values == MaskValues.Logits)
            throw refuse("holds integers; expected floating-point values, which logits are.", InputAdvice.None);
        if (values == MaskValues.Probabilities || max == 0)
            return range;
        if (max == 1)
            return 1;
        // Four grey levels or sixteen are too few for an eighth to mean anything: labels there are as large as probabilities.
        int min = range < byte.MaxValue ? range : (range + 1) / MinShare;
        if (max >= min)
            return range;
        throw refuse(
            $"has {max} as its highest value; expected 0 and 1, or probabilities that reach {min} of {range}.", InputAdvice.ChooseValues);
    }

    /// <summary>Values to probabilities, each divided by <paramref name="one"/>.</summary>
    public static void ToUnit(ReadOnlySpan<ushort> values, int one, Span<float> probabilities)
    {
        float scale = one;
        for (int i = 0; i < values.Length; i++)
            probabilities[i] = values[i] / scale;
    }
}
