using Spn.Imaging;
using TorchSharp;
using static TorchSharp.torch;

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
    /// <returns><c>[1, 2, H, W]</c>.</returns>
    public static Tensor Masks(int width, int height, int x, int y)
    {
        Tensor masks = empty(1, 2, height, width, dtype: float32);
        Span<float> values = TensorPixels.SpanOf<float>(masks), second = values[(width * height)..];
        values.Fill(0.5f);
        double radius = Math.Max(1, Math.Sqrt((double)width * height) / 256);
        for (int row = Math.Max(0, y - (int)radius); row <= Math.Min(height - 1, y + (int)radius); row++)
        {
            int half = (int)Math.Sqrt(radius * radius - (row - y) * (row - y)), left = Math.Max(0, x - half), right = Math.Min(width - 1, x + half);
            second.Slice(row * width + left, right - left + 1).Fill(1);
        }
        return masks;
    }

    /// <summary>The absolute difference of the two refined masks, relative to its maximum; 0 everywhere if they are equal.</summary>
    /// <param name="refined"><c>[1, 2, H, W]</c>.</param>
    /// <returns><c>[1, 1, H, W]</c>.</returns>
    public static Tensor Response(Tensor refined)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor difference = refined.narrow(1, 1, 1).sub(refined.narrow(1, 0, 1)).abs_(), largest = difference.max();
        Tensor least = tensor(float.Epsilon, device: refined.device);
        return difference.div(maximum(largest, least)).MoveToOuterDisposeScope();
    }
}
