namespace Spn.Inference;

/// <summary>How much neighbouring pixels of a photo differ.</summary>
internal static unsafe class ImageContrast
{
    private const int MaxSamples = 1 << 14;

    /// <summary>
    /// The median, over a regular sample of the pixels, of √(|right - here|² + |below - here|²), colours as vectors. 0 where there are no two
    /// pixels side by side. Robust: an object against a plain background changes few pixels' differences.
    /// </summary>
    /// <param name="image"><c>[3, H, W]</c>.</param>
    /// <param name="width">W, 1 or more.</param>
    /// <param name="height">H, 1 or more.</param>
    public static float MedianDifference(float* image, int width, int height)
    {
        int step = 1;
        while ((long)Samples(width, step) * Samples(height, step) > MaxSamples)
            step++;
        float[] samples = new float[Samples(width, step) * Samples(height, step)];
        nint plane = (nint)width * height, right = width > 1 ? 1 : 0, below = height > 1 ? width : 0;
        int count = 0;
        for (int y = 0; y < Math.Max(1, height - 1); y += step)
            for (int x = 0; x < Math.Max(1, width - 1); x += step)
            {
                float* here = image + (nint)y * width + x;
                float sum = 0;
                for (int channel = 0; channel < 3; channel++, here += plane)
                    sum += Square(here[right] - here[0]) + Square(here[below] - here[0]);
                samples[count++] = MathF.Sqrt(sum);
            }
        Array.Sort(samples);
        return samples[samples.Length / 2];
    }

    private static int Samples(int length, int step) => (Math.Max(1, length - 1) + step - 1) / step;

    private static float Square(float value) => value * value;
}
