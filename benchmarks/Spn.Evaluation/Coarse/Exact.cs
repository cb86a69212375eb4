using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>The true mask, which a refinement should leave (nearly) unchanged.</summary>
internal sealed class Exact() : CoarseKind("exact")
{
    protected override Mat Make(Mat truth, SeededRandom random, double u) => ToFloat(truth);
}
