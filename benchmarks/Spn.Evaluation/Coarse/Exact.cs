using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>Nothing to do: the true mask. A refinement must leave it (nearly) alone.</summary>
internal sealed class Exact() : CoarseKind("exact")
{
    protected override Mat Make(Mat truth, SeededRandom random, double u) => ToFloat(truth);
}
