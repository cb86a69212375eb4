using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>No refinement: the baseline that every method must exceed.</summary>
internal sealed class CoarseMethod : IMethod
{
    public string Name => "coarse mask";

    public IRefiner Open(Mat image) => new Same();

    private sealed class Same : IRefiner
    {
        public Mat Refine(Mat coarse) => coarse.Clone();

        public void Dispose()
        {
        }
    }
}
