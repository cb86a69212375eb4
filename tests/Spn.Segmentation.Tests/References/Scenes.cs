namespace Spn.Segmentation.Tests.References;

/// <summary>Pictures and probabilities that are the same in every run.</summary>
internal static class Scenes
{
    /// <summary>A picture of three coloured regions with noise, RGB in 0..1, <c>[3, size, size]</c>.</summary>
    public static float[] Picture(int size, int seed = 1)
    {
        var random = new Random(seed);
        float[] pixels = new float[3 * size * size];
        for (int channel = 0; channel < 3; channel++)
            for (int i = 0; i < size * size; i++)
                pixels[channel * size * size + i] = Math.Clamp(0.2f + 0.25f * ((Region(i, size) + channel) % 3) + 0.05f * random.NextSingle(), 0, 1);
        return pixels;
    }

    /// <summary>Probabilities that favour the region's class of <see cref="Picture"/>, with much noise; they sum to 1.</summary>
    public static float[] Noisy(int size, int classes, int seed = 2)
    {
        var random = new Random(seed);
        float[] values = new float[classes * size * size];
        for (int i = 0; i < size * size; i++)
        {
            float sum = 0;
            for (int k = 0; k < classes; k++)
                sum += values[k * size * size + i] = random.NextSingle() + (Region(i, size) % classes == k ? 0.5f : 0.02f);
            for (int k = 0; k < classes; k++)
                values[k * size * size + i] /= sum;
        }
        return values;
    }

    /// <summary>0, 1 or 2: the upper left corner, the rest of the left half, and the right half.</summary>
    public static int Region(int pixel, int size) => pixel % size >= size / 2 ? 2 : pixel % size + pixel / size < size / 2 ? 0 : 1;

    /// <summary>Random features of a standard deviation of about <paramref name="spread"/>.</summary>
    public static float[] Points(int count, int dimensions, float spread, int seed = 3)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count * dimensions).Select(_ => spread * 1.7f * (2 * random.NextSingle() - 1))];
    }
}
