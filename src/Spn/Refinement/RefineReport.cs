using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <summary>What one refinement did: where the time went, and how much of the mask changed.</summary>
/// <param name="Timings">The time of each stage.</param>
/// <param name="Tiles">In how many tiles the image was looked at; 1 is whole.</param>
/// <param name="ChangedShare">The share of pixels that changed side, 0..1: inside became outside or the other way, at the hard threshold (0.5 where the output is soft).</param>
/// <param name="MeanChange">The mean of |refined - coarse| over all pixels, 0..1, before a hard threshold.</param>
public readonly record struct RefineReport(RefineTimings Timings, int Tiles, double ChangedShare, double MeanChange)
{
    /// <summary>Measures the change.</summary>
    /// <param name="stages">What was timed.</param>
    /// <param name="coarse">float32 of any shape.</param>
    /// <param name="refined">Of the same shape, on the same device.</param>
    /// <param name="threshold">Between outside and inside.</param>
    internal static RefineReport Of(Stages stages, torch.Tensor coarse, torch.Tensor refined, float threshold)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor limit = torch.tensor(threshold, device: coarse.device);
        torch.Tensor changed = refined.ge(limit).ne(coarse.ge(limit)).to(torch.float32).mean(), change = refined.sub(coarse).abs_().mean();
        return new RefineReport(stages.Timings, stages.Tiles, changed.cpu().item<float>(), change.cpu().item<float>());
    }
}
