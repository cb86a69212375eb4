using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>
/// Measures affinity by impulse response: a flat mask of 0.5 is refined with and without a small disc of ones; the difference is the disc's
/// influence.
/// </summary>
internal static class Impulse
{
    /// <summary>The two masks.</summary>
    /// <param name="width">W.</param>
    /// <param name="height">H.</param>
    /// <param name="x">The column of the disc, whose radius is √(W·H)/256, at least 1 pixel.</param>
    /// <param name="y">The row of the disc.</param>
    /// <returns><c>[2, H, W]</c>.</returns>
    public static Planes Masks(int width, int height, int x, int y)
    {
        Planes masks = new(2, height, width);
        masks.All.Fill(0.5f);
        double radius = Math.Max(1, Math.Sqrt((double)width * height) / 256);
        for (int row = Math.Max(0, y - (int)radius); row <= Math.Min(height - 1, y + (int)radius); row++)
        {
            int half = (int)Math.Sqrt(radius * radius - (row - y) * (row - y)), left = Math.Max(0, x - half), right = Math.Min(width - 1, x + half);
            masks.Row(1, row)[left..(right + 1)].Fill(1);
        }
        return masks;
    }

    /// <summary>The absolute difference of the two refined masks, relative to its maximum; 0 everywhere if they are equal.</summary>
    /// <param name="refined"><c>[2, H, W]</c>.</param>
    /// <returns><c>[H, W]</c>.</returns>
    public static float[] Response(Planes refined)
    {
        float[] response = new float[refined.Pixels];
        ReadOnlySpan<float> flat = refined[0], disc = refined[1];
        float max = float.Epsilon;
        for (int i = 0; i < response.Length; i++)
            max = Math.Max(max, response[i] = Math.Abs(disc[i] - flat[i]));
        for (int i = 0; i < response.Length; i++)
            response[i] /= max;
        return response;
    }
}
