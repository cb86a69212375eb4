namespace Spn.Training.Samples;

/// <summary>
/// The weight of each pixel in the loss: larger near the true boundary, larger still if the coarse mask is correct there and must stay so,
/// and 0 where the truth is unknown. Wrong pixels of the coarse mask have no additional weight. With one, a model would overrule the coarse
/// mask in regions where it is right more often than wrong.
/// </summary>
internal static class LossWeights
{
    private const int BandRadius = 4;
    private const float InBand = 2, Right = 2;

    // An error of at least a quarter no longer counts as correct.
    private const float Certain = 4;

    /// <summary>Computes the weights for one coarse mask.</summary>
    /// <param name="truth">The true mask in 0..1, size² pixels.</param>
    /// <param name="band">The result of <see cref="Band"/>.</param>
    /// <param name="ignored">128 or more where the truth is unknown; empty if all of it is known.</param>
    /// <param name="coarse">The coarse mask in 0..1.</param>
    /// <param name="weights">Receives the weights: at least 1, or 0 for ignored pixels.</param>
    public static void Fill(
        ReadOnlySpan<float> truth, bool[] band, ReadOnlySpan<byte> ignored, ReadOnlySpan<float> coarse, Span<float> weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            float error = Math.Abs(coarse[i] - truth[i]);
            float weight = 1 + (band[i] ? InBand + Right * Math.Max(0, 1 - Certain * error) : 0);
            weights[i] = !ignored.IsEmpty && ignored[i] >= 128 ? 0 : weight;
        }
    }

    /// <summary>
    /// Whether the 9 x 9 square around each pixel contains pixels inside and outside the mask; computed with a summed-area table.
    /// </summary>
    public static bool[] Band(ReadOnlySpan<byte> truth, int size)
    {
        int stride = size + 1;
        int[] sums = new int[stride * stride]; // sums[y, x]: the number of inside pixels above and to the left of (x, y)
        for (int y = 0; y < size; y++)
        {
            int row = 0;
            for (int x = 0; x < size; x++)
            {
                row += truth[y * size + x] >> 7;
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1] + row;
            }
        }

        bool[] band = new bool[size * size];
        for (int y = 0; y < size; y++)
        {
            int top = Math.Max(0, y - BandRadius), bottom = Math.Min(size, y + BandRadius + 1);
            for (int x = 0; x < size; x++)
            {
                int left = Math.Max(0, x - BandRadius), right = Math.Min(size, x + BandRadius + 1);
                int inside =
                    sums[bottom * stride + right] - sums[bottom * stride + left] - sums[top * stride + right] + sums[top * stride + left];
                band[y * size + x] = inside > 0 && inside < (bottom - top) * (right - left);
            }
        }
        return band;
    }
}
