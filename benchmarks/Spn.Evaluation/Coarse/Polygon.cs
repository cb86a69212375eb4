using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>
/// An annotator's polygons: each contour simplified (Douglas-Peucker) with a tolerance of 4-7 u. Contours too small for a triangle stay
/// unchanged.
/// </summary>
internal sealed class Polygon() : CoarseKind("polygon")
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        double tolerance = random.Between(4, 7) * u;
        Cv2.FindContours(truth, out Point[][] contours, out _, RetrievalModes.CComp, ContourApproximationModes.ApproxNone);
        var polygons = contours.Select(contour => (contour, simple: Cv2.ApproxPolyDP(contour, tolerance, closed: true)))
            .Select(pair => pair.simple.Length >= 3 ? pair.simple : pair.contour);
        using Mat mask = Mat.Zeros(truth.Size(), MatType.CV_8UC1);
        Cv2.FillPoly(mask, polygons, Scalar.White); // even-odd rule: the contour of a hole cuts it out
        return ToFloat(mask);
    }
}
