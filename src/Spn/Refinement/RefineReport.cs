using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <summary>What one refinement did: where the time went, and how much of the mask changed.</summary>
/// <param name="Timings">The time of each stage.</param>
/// <param name="Tiles">The number of tiles in which the image was processed; 1 if it was processed as a whole.</param>
/// <param name="ChangedShare">
/// The share of pixels that changed sides, 0..1: from inside to outside or the other way, at the hard threshold (0.5 if the output is
/// soft). Of several masks, the mean over them. Of labels and classes, the share of pixels whose most likely class changed.
/// </param>
/// <param name="MeanChange">The mean of |refined - coarse| over all pixels and maps, 0..1, before a hard threshold.</param>
public readonly record struct RefineReport(RefineTimings Timings, int Tiles, double ChangedShare, double MeanChange)
{
    /// <summary>Measures the change.</summary>
    /// <param name="stages">What was timed.</param>
    /// <param name="coarse"><c>[1, K, H, W]</c>.</param>
    /// <param name="refined"><c>[1, K, H, W]</c>, on the same device.</param>
    /// <param name="threshold">Between outside and inside; <see langword="null"/> if the K maps are classes.</param>
    internal static RefineReport Of(Stages stages, torch.Tensor coarse, torch.Tensor refined, float? threshold)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return new RefineReport(stages.Timings, stages.Tiles, Mean(Changed()), Mean(refined.sub(coarse).abs_()));

        torch.Tensor Changed()
        {
            if (threshold is not float value)
                return refined.argmax(1).ne(coarse.argmax(1));
            torch.Tensor limit = torch.tensor(value, device: coarse.device);
            return refined.ge(limit).ne(coarse.ge(limit));
        }

        static double Mean(torch.Tensor values) => values.numel() == 0 ? 0 : values.to(torch.float32).mean().cpu().item<float>();
    }
}
