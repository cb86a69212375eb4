namespace Spn.Segmentation;

/// <summary>Checks callers' probabilities and brings them to the image's size as <c>[K, N]</c>.</summary>
internal static class CoarseClasses
{
    /// <summary>The limit of <see cref="Refiner"/>, too: all classes are in memory together.</summary>
    private const long MaxValues = 500_000_000;

    /// <summary>How far outside 0..1 a value may be, as everywhere in Spn: the rounding of half precision and of interpolation.</summary>
    private const float Tolerance = 1e-3f;

    /// <exception cref="ArgumentException">There are fewer than 2 classes.</exception>
    public static void RequireClasses(ClassProbabilities coarse, string argument)
    {
        if (coarse.Classes < 2)
            throw new ArgumentException($"{argument}: expected at least 2 classes, got {coarse.Classes}.", argument);
    }

    /// <exception cref="ArgumentException">
    /// The proportions differ, there are too many values, or a value is NaN or outside 0..1.
    /// </exception>
    public static float[] Fit(ClassProbabilities coarse, int width, int height, string argument)
    {
        RequireSize(coarse.Classes, coarse.Width, coarse.Height, width, height, argument);
        RequireUnit(coarse.Pixels, argument);
        if (coarse.Width == width && coarse.Height == height)
            return coarse.Pixels.ToArray();
        float[] values = GC.AllocateUninitializedArray<float>(coarse.Classes * width * height);
        for (int k = 0; k < coarse.Classes; k++)
            coarse[k].Resize(width, height).CopyTo(values.AsSpan(k * width * height));
        return values;
    }

    /// <summary>Background and mask, <c>[2, N]</c>.</summary>
    /// <exception cref="ArgumentException">The proportions differ, or there are too many values.</exception>
    public static float[] Fit(Mask coarse, int width, int height, string argument)
    {
        const int classes = 2;
        RequireSize(classes, coarse.Width, coarse.Height, width, height, argument);
        Mask mask = coarse.Width == width && coarse.Height == height ? coarse : coarse.Resize(width, height);
        float[] values = GC.AllocateUninitializedArray<float>(classes * width * height);
        mask.CopyTo(values.AsSpan(width * height));
        for (int i = 0; i < width * height; i++)
            values[i] = 1 - mask.Pixels[i];
        return values;
    }

    private static void RequireSize(int classes, int coarseWidth, int coarseHeight, int width, int height, string argument)
    {
        long pixels = Math.Max((long)coarseWidth * coarseHeight, (long)width * height);
        if (classes * pixels > MaxValues)
        {
            throw new ArgumentException(
                $"{argument}: expected at most {MaxValues:N0} values in total, got {classes:N0} classes of {pixels:N0} pixels.", argument);
        }
        // Given one side, the other may be off by one coarse pixel: networks round the size of their output either way.
        if (Math.Abs((long)coarseWidth * height - (long)coarseHeight * width) > Math.Max(width, height))
        {
            throw new ArgumentException(
                $"{argument}: expected the proportions of the {width} x {height} image to within one coarse pixel, " +
                $"got {coarseWidth} x {coarseHeight}.", argument);
        }
    }

    private static void RequireUnit(ReadOnlySpan<float> values, string argument)
    {
        foreach (float value in values)
        {
            if (!(value >= -Tolerance && value <= 1 + Tolerance))
                throw new ArgumentException($"{argument}: expected values in 0..1, got {value}.", argument);
        }
    }
}
