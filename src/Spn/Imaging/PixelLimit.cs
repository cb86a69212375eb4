using System.Runtime.CompilerServices;

namespace Spn.Imaging;

/// <summary>The maximum number of pixels of an image, so that a small file cannot claim all memory.</summary>
internal static class PixelLimit
{
    /// <summary>100 million.</summary>
    public const long Default = 100_000_000;

    /// <summary>500 million: four bytes per pixel fit into one span.</summary>
    public const long Max = 500_000_000;

    /// <param name="name">What the exception calls it.</param>
    /// <param name="width">Its width, pixels.</param>
    /// <param name="height">Its height, pixels.</param>
    /// <param name="limit">The maximum number of pixels.</param>
    /// <exception cref="InvalidDataException">It is empty or larger than the limit.</exception>
    public static void Check(InputName name, long width, long height, long limit)
    {
        if (width < 1 || height < 1)
            throw InputProblem.Content(name, $"has no pixels ({width} x {height}); expected at least 1 x 1.");
        if (width > limit || height > limit || width * height > limit)
        {
            throw InputProblem.Content(
                name, $"has {width} x {height} pixels; expected at most {limit:N0} in total.", InputAdvice.RaisePixelLimit);
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The limit is not in 1..500 million.</exception>
    public static long Require(long limit, [CallerArgumentExpression(nameof(limit))] string? argument = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1, argument);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, Max, argument);
        return limit;
    }
}
