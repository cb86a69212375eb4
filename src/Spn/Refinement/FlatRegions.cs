using System.Runtime.Intrinsics;
using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>
/// Finds the parts of an image that have no edge nearby. Nothing there says where a boundary belongs, so the coarse mask stays, whatever
/// a model would make of it.
/// </summary>
/// <remarks>
/// The image is divided into square cells. A cell is flat if the means of all cells around it, up to <see cref="Reach"/> cells away in
/// rows and columns, differ by at most <see cref="MaxContrast"/> in every channel. Means ignore noise, and also lines that are fainter
/// than eight times that contrast. Cells grow with the image, as the errors of masks do.
/// </remarks>
internal static class FlatRegions
{
    /// <summary>An error of a mask may be this far from the edge that corrects it: an eighth of √(width·height).</summary>
    private const int Reach = 8;

    private const int MinCell = 8;

    /// <summary>Three grey levels of 255.</summary>
    private const float MaxContrast = 3.01f / 255;

    /// <summary>The side of a cell in pixels: √(width·height)/64, and at least 8.</summary>
    public static int Cell(int width, int height) => Math.Max(MinCell, (int)Math.Round(Math.Sqrt((double)width * height) / 64));

    /// <summary>Restores the coarse masks where the image is flat.</summary>
    /// <param name="image"><c>[3, H, W]</c> in 0..1.</param>
    /// <param name="coarse"><c>[K, H, W]</c>.</param>
    /// <param name="refined"><c>[K, H, W]</c>.</param>
    public static void Keep(Planes image, Planes coarse, Planes refined)
    {
        if (Find(image.All, image.Width, image.Height) is not { } flat)
            return;
        for (int k = 0; k < coarse.Count; k++)
            Restore(flat, coarse[k], refined[k], image.Width, image.Height);
    }

    /// <summary>Finds the flat cells.</summary>
    /// <param name="image"><c>[3, height, width]</c> in 0..1.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <returns>One value per cell, in rows; <see langword="null"/> if no cell is flat.</returns>
    public static bool[]? Find(ReadOnlySpan<float> image, int width, int height)
    {
        int cell = Cell(width, height), columns = Count(width, cell), rows = Count(height, cell);
        bool[] flat = new bool[columns * rows];
        Array.Fill(flat, true);
        float[] means = new float[flat.Length], lowest = new float[flat.Length], highest = new float[flat.Length];
        for (int channel = 0; channel < 3; channel++)
        {
            Means(image.Slice(channel * width * height, width * height), width, cell, means, columns);
            Extremes(means, columns, rows, lowest, highest);
            bool any = false;
            for (int i = 0; i < flat.Length; i++)
                any |= flat[i] &= highest[i] - lowest[i] <= MaxContrast;
            if (!any)
                return null;
        }
        return flat;
    }

    /// <summary>Restores the coarse mask in flat cells.</summary>
    /// <param name="flat">The result of <see cref="Find"/>.</param>
    /// <param name="coarse"><c>[height, width]</c>.</param>
    /// <param name="refined"><c>[height, width]</c>.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    public static void Restore(bool[] flat, ReadOnlySpan<float> coarse, Span<float> refined, int width, int height)
    {
        int cell = Cell(width, height), columns = Count(width, cell);
        for (int y = 0; y < height; y++)
        {
            for (int column = 0; column < columns; column++)
            {
                if (!flat[y / cell * columns + column])
                    continue;
                int begin = y * width + column * cell, length = Math.Min(cell, width - column * cell);
                coarse.Slice(begin, length).CopyTo(refined[begin..]);
            }
        }
    }

    private static int Count(int length, int cell) => (length + cell - 1) / cell;

    /// <summary>The mean of each cell; cells at the right and lower border may be smaller.</summary>
    private static void Means(ReadOnlySpan<float> plane, int width, int cell, Span<float> means, int columns)
    {
        int height = plane.Length / width;
        means.Clear();
        for (int y = 0; y < height; y++)
        {
            Span<float> sums = means.Slice(y / cell * columns, columns);
            ReadOnlySpan<float> line = plane.Slice(y * width, width);
            for (int column = 0; column < columns; column++)
                sums[column] += Sum(line[(column * cell)..Math.Min(width, (column + 1) * cell)]);
        }
        for (int i = 0; i < means.Length; i++)
            means[i] /= Math.Min(cell, width - i % columns * cell) * Math.Min(cell, height - i / columns * cell);
    }

    private static float Sum(ReadOnlySpan<float> values)
    {
        Vector256<float> sums = default;
        for (; values.Length >= Vector256<float>.Count; values = values[Vector256<float>.Count..])
            sums += Vector256.Create(values);
        float sum = Vector256.Sum(sums);
        foreach (float value in values)
            sum += value;
        return sum;
    }

    /// <summary>The lowest and highest value within reach of each cell: along rows, then along columns.</summary>
    private static void Extremes(ReadOnlySpan<float> means, int columns, int rows, Span<float> lowest, Span<float> highest)
    {
        float[] low = new float[means.Length], high = new float[means.Length];
        for (int i = 0; i < means.Length; i++)
        {
            int row = i / columns * columns, x = i - row;
            ReadOnlySpan<float> near = means[(row + Math.Max(0, x - Reach))..(row + Math.Min(columns, x + Reach + 1))];
            (low[i], high[i]) = (near[0], near[0]);
            foreach (float value in near)
                (low[i], high[i]) = (Math.Min(low[i], value), Math.Max(high[i], value));
        }
        for (int i = 0; i < means.Length; i++)
        {
            int x = i % columns, y = i / columns;
            (lowest[i], highest[i]) = (low[i], high[i]);
            for (int near = Math.Max(0, y - Reach); near < Math.Min(rows, y + Reach + 1); near++)
            {
                lowest[i] = Math.Min(lowest[i], low[near * columns + x]);
                highest[i] = Math.Max(highest[i], high[near * columns + x]);
            }
        }
    }
}
