using Spn.Imaging;
using Spn.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Restricts changes to a band around the boundary of the coarse mask; the coarse mask stays elsewhere.</summary>
internal static class ChangeLimit
{
    /// <summary>Restores the coarse maps outside the band, where no pixel of the other side lies within the radius.</summary>
    /// <param name="refined"><c>[N, K, H, W]</c>.</param>
    /// <param name="coarse"><c>[N, K, H, W]</c>, on the same device.</param>
    /// <param name="band">The radius as a share of √(W·H).</param>
    /// <param name="shared">
    /// Whether the K maps are classes that share each pixel. If so, the inside of a map is where it is the most likely one, and all maps
    /// share one band around all boundaries. Otherwise the inside is 0.5 and more, and each map has its own band.
    /// </param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor Apply(Tensor refined, Tensor coarse, double band, bool shared)
    {
        using DisposeScope scope = NewDisposeScope();
        (int maps, int height, int width) = ((int)(coarse.shape[0] * coarse.shape[1]), (int)coarse.shape[2], (int)coarse.shape[3]);
        int radius = Math.Clamp((int)Math.Round(band * Math.Sqrt((double)width * height)), 1, ushort.MaxValue - 1);
        using Tensor half = tensor(0.5f, device: coarse.device), zero = zeros_like(half);
        Tensor inside = shared ? coarse.eq(coarse.amax([1], keepdim: true)).logical_and(coarse.gt(zero)) : coarse.ge(half);
        Tensor perMap = inside.reshape(maps, height, width), near = empty(perMap.shape, dtype: @bool);
        for (int i = 0; i < maps; i++)
        {
            using Tensor map = perMap[i].cpu().contiguous(), target = near[i];
            byte[] pixels = new BoundaryBands(BinaryMask.From(TensorPixels.SpanOf<bool>(map), width, height)).WithRadius(radius);
            pixels.CopyTo(TensorPixels.SpanOf<byte>(target));
        }
        near = near.reshape(coarse.shape);
        if (shared)
            near = near.any(1, keepdim: true);
        return where(near.to(coarse.device), refined, coarse).MoveToOuterDisposeScope();
    }
}
