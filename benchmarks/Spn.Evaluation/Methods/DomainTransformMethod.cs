using OpenCvSharp;
using OpenCvSharp.XImgProc;

namespace Spn.Evaluation.Methods;

/// <summary>OpenCV's domain transform filter (Gastal and Oliveira, 2011).</summary>
/// <param name="mode">Normalised convolution, interpolated convolution or the recursive filter.</param>
/// <param name="sigmaSpatial">The spatial σ in u = √(width·height)/512 pixels.</param>
/// <param name="sigmaColor">The colour σ, for colours in 0..255.</param>
/// <param name="iterations">The number of horizontal and vertical passes.</param>
internal sealed class DomainTransformMethod(EdgeAwareFiltersList mode, double sigmaSpatial, double sigmaColor, int iterations = 3) : IMethod
{
    public string Name => FormattableString.Invariant(
        $"domain transform ({mode.ToString()[4..]}, σs {sigmaSpatial} u, σr {sigmaColor}, {iterations} iterations)");

    public IRefiner Open(Mat image)
    {
        double u = Math.Sqrt((double)image.Width * image.Height) / 512;
        return new Filter(CvXImgProc.CreateDTFilter(image, sigmaSpatial * u, sigmaColor, mode, iterations));
    }

    private sealed class Filter(DTFilter filter) : IRefiner
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
