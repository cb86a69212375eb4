using OpenCvSharp;
using OpenCvSharp.XImgProc;

namespace Spn.Evaluation.Methods;

/// <summary>OpenCV's guided filter (He et al.) with the colour photo as guide.</summary>
/// <param name="radius">The radius of the window in u = √(width·height)/512 pixels.</param>
/// <param name="eps">The regularisation, for colours in 0..1.</param>
internal sealed class GuidedFilterMethod(double radius, double eps) : IMethod
{
    public string Name => FormattableString.Invariant($"guided filter (radius {radius} u, eps {eps:0.#e0}·255²)");

    public IRefiner Open(Mat image)
    {
        int pixels = Math.Max(1, (int)Math.Round(radius * Math.Sqrt((double)image.Width * image.Height) / 512));
        return new Filter(CvXImgProc.CreateGuidedFilter(image, pixels, eps * 255 * 255));
    }

    private sealed class Filter(GuidedFilter filter) : IRefiner
    {
        public Mat Refine(Mat coarse)
        {
            var result = new Mat();
            filter.Filter(coarse, result);
            return result;
        }

        public void Dispose() => filter.Dispose();
    }
}
