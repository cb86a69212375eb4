using Spn.Imaging;
using Spn.Imaging.Shapes;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>Removes small islands and holes from refined masks.</summary>
internal static class Specks
{
    /// <param name="masks"><c>[N, K, H, W]</c>, float32.</param>
    /// <param name="minArea">The smallest area that stays, in pixels.</param>
    /// <returns><c>[N, K, H, W]</c> on the same device.</returns>
    public static Tensor Remove(Tensor masks, int minArea)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor local = masks.cpu().contiguous().clone();
        (int width, int height) = ((int)masks.shape[3], (int)masks.shape[2]);
        for (long i = 0; i < masks.shape[0]; i++)
        {
            for (long k = 0; k < masks.shape[1]; k++)
                AreaFilter.RemoveIslandsAndHoles(TensorPixels.SpanOf<float>(local[i, k]), width, height, minArea);
        }
        return local.to(masks.device).MoveToOuterDisposeScope();
    }
}
