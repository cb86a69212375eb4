using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>Local errors: discs with radii of 3-14 u centred on the boundary, half of them added and half removed.</summary>
/// <param name="name">The name of the kind.</param>
/// <param name="discs">The number of discs.</param>
internal sealed class Bumps(string name = "bumps", int discs = 30) : CoarseKind(name)
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        Cv2.FindContours(truth, out Point[][] contours, out _, RetrievalModes.CComp, ContourApproximationModes.ApproxNone);
        Point[] boundary = [.. contours.SelectMany(contour => contour)];
        using Mat mask = truth.Clone();
        for (int i = 0; i < discs && boundary.Length > 0; i++)
        {
            Point centre = boundary[random.Below(boundary.Length)];
            int radius = (int)Math.Round(random.Between(3, 14) * u);
            Cv2.Circle(mask, centre, radius, i % 2 == 0 ? Scalar.White : Scalar.Black, thickness: -1);
        }
        return ToFloat(mask);
    }
}
