using System.Runtime.CompilerServices;

namespace Spn.Segmentation;

/// <summary>Ranges of floating-point arguments. NaN is in none of them.</summary>
internal static class Bounds
{
    /// <exception cref="ArgumentOutOfRangeException">The value is outside min..max.</exception>
    public static float Require(float value, float min, float max, [CallerArgumentExpression(nameof(value))] string? argument = null)
        => value >= min && value <= max
            ? value
            : throw new ArgumentOutOfRangeException(argument, value, $"Expected {min} to {max}.");
}
