using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>
/// OpenCV's GrabCut (Rother et al.), initialised with the coarse mask. Pixels outside a band around its boundary are treated as certain.
/// </summary>
/// <param name="band">The half-width of the uncertain band in u = √(width·height)/512 pixels.</param>
/// <param name="iterations">The number of iterations of colour models and graph cut.</param>
internal sealed class GrabCutMethod(double band, int iterations) : IMethod
{
    public string Name => FormattableString.Invariant($"GrabCut (band ±{band} u, {iterations} iterations)");

    public IRefiner Open(Mat image)
        => new Cut(image, (int)Math.Round(band * Math.Sqrt((double)image.Width * image.Height) / 512), iterations);

    private sealed class Cut(Mat image, int band, int iterations) : IRefiner
    {
        public Mat Refine(Mat coarse)
        {
            using Mat hard = new(), sureInside = new(), possible = new();
            Cv2.Threshold(coarse, hard, 0.5, 255, ThresholdTypes.Binary);
            hard.ConvertTo(hard, MatType.CV_8UC1);
            using Mat element = Cv2.GetStructuringElement(MorphShapes.Ellipse, new Size(2 * band + 1, 2 * band + 1));
            Cv2.Erode(hard, sureInside, element);
            Cv2.Dilate(hard, possible, element);

            using var labels = new Mat(coarse.Size(), MatType.CV_8UC1, Scalar.All((int)GrabCutClasses.BGD));
            labels.SetTo((int)GrabCutClasses.PR_BGD, possible);
            labels.SetTo((int)GrabCutClasses.PR_FGD, hard);
            labels.SetTo((int)GrabCutClasses.FGD, sureInside);
            if (Cv2.CountNonZero(hard) is 0 || Cv2.CountNonZero(hard) == hard.Total())
                return coarse.Clone(); // only one class, so there is nothing to cut
            using Mat inside = new(), outside = new();
            Cv2.GrabCut(image, labels, default, inside, outside, iterations, GrabCutModes.InitWithMask);

            using var isInside = new Mat();
            Cv2.BitwiseAnd(labels, Scalar.All(1), isInside); // FGD and PR_FGD are the odd labels
            var result = new Mat();
            isInside.ConvertTo(result, MatType.CV_32FC1);
            return result;
        }

        public void Dispose()
        {
        }
    }
}
