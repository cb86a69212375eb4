using System.Numerics;

namespace Spn.Imaging;

/// <summary>Floating-point probabilities of callers: rounding errors are clamped, anything else outside 0..1 is refused.</summary>
internal static class UnitRange
{
    /// <summary>How far outside 0..1 a value may be: the rounding of half precision and of interpolation.</summary>
    public const float Tolerance = 1e-3f;

    /// <summary>Clamps values that are outside 0..1 by a rounding error.</summary>
    /// <exception cref="ArgumentException">A value is NaN, or outside 0..1 by more than <see cref="Tolerance"/>.</exception>
    public static void Clamp(string argument, Span<float> values)
    {
        if (Contains(values))
            return;
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        foreach (float value in values)
        {
            if (float.IsNaN(value))
                throw new ArgumentException($"{argument}: a value is NaN; expected values in 0..1.", argument);
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }
        Require(argument, min, max);
        foreach (ref float value in values)
            value = Math.Clamp(value, 0f, 1f);
    }

    /// <exception cref="ArgumentException">The range exceeds 0..1 by more than <see cref="Tolerance"/>.</exception>
    public static void Require(string argument, float min, float max)
    {
        if (float.IsNaN(min) || float.IsNaN(max))
            throw new ArgumentException($"{argument}: a value is NaN; expected values in 0..1.", argument);
        if (min < -Tolerance || max > 1 + Tolerance)
        {
            throw new ArgumentException(
                $"{argument}: expected values in 0..1, got {min} to {max}. Divide 8-bit values by 255; pass log-odds with MaskValues.Logits.", argument);
        }
    }

    /// <summary>Log-odds to probabilities, in place.</summary>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public static void FromLogits(string argument, Span<float> values)
    {
        foreach (ref float value in values)
        {
            if (float.IsNaN(value))
                throw new ArgumentException($"{argument}: a value is NaN; expected log-odds.", argument);
            value = 1 / (1 + MathF.Exp(-value));
        }
    }

    /// <summary>Whether all values are in 0..1.</summary>
    public static bool Contains(ReadOnlySpan<float> values)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> some = new(values[i..]);
            if (!Vector.GreaterThanOrEqualAll(some, Vector<float>.Zero) || !Vector.LessThanOrEqualAll(some, Vector<float>.One))
                return false; // comparisons with NaN are false
        }
        for (; i < values.Length; i++)
        {
            if (!(values[i] >= 0 && values[i] <= 1))
                return false;
        }
        return true;
    }
}
