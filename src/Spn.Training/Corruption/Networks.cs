using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Masks like the outputs of networks: low resolution, blurred and noisy, then enlarged.</summary>
internal static class Networks
{
    /// <summary>Averages over cells of 4-32 u, blurs by 0.3-1.2 cells, adds noise of up to ± 0.15, and enlarges bilinearly.</summary>
    public static void Soft(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        using Channel cells = Cells(input.Mask, random.LogBetween(4, 32) * input.Unit);
        Blur.Gaussian(cells, random.Between(0.3f, 1.2f));
        float noise = random.Between(0, 0.15f);
        foreach (ref float value in cells.Values)
            value = Math.Clamp(value + random.Between(-noise, noise), 0, 1);
        Enlarge(cells, input.Mask);
    }

    /// <summary>Cells of 2-12 u, each 0 or 1, like a class map enlarged by nearest-neighbour interpolation.</summary>
    public static void Blocks(CorruptionInput input)
    {
        using Channel cells = Cells(input.Mask, Math.Max(1.5f, input.Random.LogBetween(2, 12) * input.Unit));
        for (int y = 0; y < input.Mask.Height; y++)
        {
            Span<float> row = input.Mask.Row(y);
            ReadOnlySpan<float> from = cells.Row((int)((long)y * cells.Height / input.Mask.Height));
            for (int x = 0; x < row.Length; x++)
                row[x] = from[(int)((long)x * cells.Width / row.Length)] >= 0.5f ? 1 : 0;
        }
    }

    /// <summary>Blurs by a Gaussian with σ of 1-8 u.</summary>
    public static void Blurred(CorruptionInput input) => Blur.Gaussian(input.Mask, input.Random.LogBetween(1, 8) * input.Unit);

    /// <summary>The means of the mask over cells of approximately the given size.</summary>
    public static Channel Cells(Channel mask, float size)
    {
        int width = Math.Max(1, (int)MathF.Round(mask.Width / size));
        int height = Math.Max(1, (int)MathF.Round(mask.Height / size));
        using Channel narrow = new(width, mask.Height);
        for (int y = 0; y < narrow.Height; y++)
            Average(mask.Row(y), narrow.Row(y));
        Channel cells = new(width, height);
        float[] column = new float[narrow.Height], means = new float[height];
        for (int x = 0; x < width; x++)
        {
            for (int y = 0; y < column.Length; y++)
                column[y] = narrow.Row(y)[x];
            Average(column, means);
            for (int y = 0; y < height; y++)
                cells.Row(y)[x] = means[y];
        }
        return cells;
    }

    /// <summary>Fills a mask with the bilinearly interpolated values of cells.</summary>
    public static void Enlarge(Channel cells, Channel mask)
    {
        float across = (float)cells.Width / mask.Width, down = (float)cells.Height / mask.Height;
        for (int y = 0; y < mask.Height; y++)
        {
            Span<float> row = mask.Row(y);
            for (int x = 0; x < row.Length; x++)
                row[x] = cells.At((x + 0.5f) * across - 0.5f, (y + 0.5f) * down - 0.5f);
        }
    }

    /// <summary>Means over intervals of equal length, whose ends may divide a value.</summary>
    private static void Average(ReadOnlySpan<float> values, Span<float> means)
    {
        float length = (float)values.Length / means.Length;
        for (int i = 0; i < means.Length; i++)
        {
            float from = i * length, to = Math.Min(values.Length, (i + 1) * length), sum = 0;
            for (int k = (int)from; k < to; k++)
                sum += values[k] * (Math.Min(k + 1, to) - Math.Max(k, from));
            means[i] = sum / (to - from);
        }
    }
}
