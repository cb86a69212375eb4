using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>
/// An annotator's polygons: each contour simplified (Douglas-Peucker). Contours too small for a triangle stay unchanged.
/// </summary>
/// <param name="name">The name of the kind.</param>
/// <param name="min">The smallest tolerance in u.</param>
/// <param name="max">The largest one.</param>
internal sealed class Polygon(string name = "polygon", double min = 4, double max = 7) : CoarseKind(name)
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        double tolerance = random.Between(min, max) * u;
        Cv2.FindContours(truth, out Point[][] contours, out _, RetrievalModes.CComp, ContourApproximationModes.ApproxNone);
        var polygons = contours.Select(contour => (contour, simple: Cv2.ApproxPolyDP(contour, tolerance, closed: true)))
            .Select(pair => pair.simple.Length >= 3 ? pair.simple : pair.contour);
        using Mat mask = Mat.Zeros(truth.Size(), MatType.CV_8UC1);
        Cv2.FillPoly(mask, polygons, Scalar.White); // even-odd rule: the contour of a hole cuts it out
        return ToFloat(mask);
    }
}
