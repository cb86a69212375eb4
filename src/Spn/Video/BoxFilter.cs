namespace Spn.Video;

/// <summary>Means over squares.</summary>
internal static class BoxFilter
{
    /// <summary>Replaces each value by the mean of the square around it; at the border, of the part that exists.</summary>
    /// <param name="values"><c>[height, width]</c>, changed in place.</param>
    /// <param name="width">Values per row.</param>
    /// <param name="radius">The square has <c>2 · radius + 1</c> values per side.</param>
    public static void Mean(float[] values, int width, int radius)
    {
        int height = values.Length / width;
        float[] line = new float[Math.Max(width, height)];
        for (int y = 0; y < height; y++)
            MeanOfLine(values, y * width, 1, width, radius, line);
        for (int x = 0; x < width; x++)
            MeanOfLine(values, x, width, height, radius, line);
    }

    private static void MeanOfLine(float[] values, int begin, int step, int length, int radius, float[] line)
    {
        for (int i = 0; i < length; i++)
            line[i] = values[begin + i * step];
        for (int i = 0; i < length; i++)
        {
            int first = Math.Max(0, i - radius), last = Math.Min(length - 1, i + radius);
            float sum = 0;
            for (int k = first; k <= last; k++)
                sum += line[k];
            values[begin + i * step] = sum / (last - first + 1);
        }
    }
}
