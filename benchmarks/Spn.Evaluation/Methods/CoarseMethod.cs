using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>No refinement: the row every method must beat.</summary>
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
