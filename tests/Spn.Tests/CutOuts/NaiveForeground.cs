using Spn.CutOuts;

namespace Spn.Tests.CutOuts;

/// <summary>
/// The reference of <see cref="ForegroundColors"/>: whole maps in double, and for each pixel the linear system that the derivatives of
/// (αF + (1-α)B - I)² + Σ w_j ((F - F_j)² + (B - B_j)²) by F and by B give, solved by Cramer's rule.
/// </summary>
internal static class NaiveForeground
{
    private const double Smoothness = 1e-3, AlphaWeight = 0.03;

    /// <returns>F, <c>[3, height, width]</c>.</returns>
    public static double[] Estimate(float[] image, float[] alpha, int width, int height)
    {
        double[] result = new double[3 * width * height];
        for (int channel = 0; channel < 3; channel++)
        {
            float[] plane = image[(channel * width * height)..((channel + 1) * width * height)];
            OneChannel(plane, alpha, width, height).CopyTo(result, channel * width * height);
        }
        return result;
    }

    private static double[] OneChannel(float[] image, float[] alpha, int width, int height)
    {
        int top = 0;
        while (Size(width, top) > 1 || Size(height, top) > 1)
            top++;
        (double f, double b) = Means(image, alpha, width, height);
        double[] foreground = [f], background = [b];
        int coarserWidth = 1;
        for (int shift = top - 1; shift >= 0; shift--)
        {
            int w = Size(width, shift), h = Size(height, shift);
            double[] a = Sample(alpha, width, height, shift), i = Sample(image, width, height, shift);
            foreground = Enlarge(foreground, coarserWidth, w, h);
            background = Enlarge(background, coarserWidth, w, h);
            int iterations = Math.Max(w, h) <= 32 ? 10 : 4;
            for (int n = 0; n < iterations; n++)
                (foreground, background) = Iterate(foreground, background, a, i, w, h);
            coarserWidth = w;
        }
        return foreground;
    }

    private static (double[] F, double[] B) Iterate(
        double[] foreground, double[] background, double[] alpha, double[] image, int width, int height)
    {
        double[] nextF = new double[foreground.Length], nextB = new double[background.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = y * width + x;
                double a = alpha[at], sum = 0, f = 0, b = 0;
                foreach ((int dx, int dy) in new[] { (-1, 0), (1, 0), (0, -1), (0, 1) })
                {
                    if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height)
                        continue;
                    int other = at + dy * width + dx;
                    double weight = Smoothness + AlphaWeight * Math.Abs(a - alpha[other]);
                    (sum, f, b) = (sum + weight, f + weight * foreground[other], b + weight * background[other]);
                }
                double a00 = a * a + sum, a01 = a * (1 - a), a11 = (1 - a) * (1 - a) + sum;
                double b0 = a * image[at] + f, b1 = (1 - a) * image[at] + b, determinant = a00 * a11 - a01 * a01;
                nextF[at] = Math.Clamp((a11 * b0 - a01 * b1) / determinant, 0, 1);
                nextB[at] = Math.Clamp((a00 * b1 - a01 * b0) / determinant, 0, 1);
            }
        }
        return (nextF, nextB);
    }

    private static (double F, double B) Means(float[] image, float[] alpha, int width, int height)
    {
        int shift = 0;
        while (Math.Max(Size(width, shift), Size(height, shift)) > 256)
            shift++;
        double[] a = Sample(alpha, width, height, shift), i = Sample(image, width, height, shift);
        double inside = a.Sum(), outside = a.Length - inside, mean = i.Average();
        return (
            inside > 0 ? a.Zip(i, (a, i) => a * i).Sum() / inside : mean,
            outside > 0 ? a.Zip(i, (a, i) => (1 - a) * i).Sum() / outside : mean);
    }

    private static int Size(int size, int shift) => (int)Math.Ceiling(size / Math.Pow(2, shift));

    private static double[] Sample(float[] map, int width, int height, int shift)
    {
        int w = Size(width, shift), h = Size(height, shift), step = 1 << shift;
        return [.. from y in Enumerable.Range(0, h)
                   from x in Enumerable.Range(0, w)
                   select (double)map[Math.Min(y * step + step / 2, height - 1) * width + Math.Min(x * step + step / 2, width - 1)]];
    }

    private static double[] Enlarge(double[] map, int mapWidth, int width, int height)
        => [.. from y in Enumerable.Range(0, height) from x in Enumerable.Range(0, width) select map[y / 2 * mapWidth + x / 2]];
}
