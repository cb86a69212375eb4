using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>A mask that is dilated or eroded, by a seeded choice, by 3-7 u.</summary>
internal sealed class Grow() : CoarseKind("grow")
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        int radius = (int)Math.Round(random.Between(3, 7) * u);
        using Mat element = Cv2.GetStructuringElement(MorphShapes.Ellipse, new Size(2 * radius + 1, 2 * radius + 1));
        using var mask = new Mat();
        Cv2.MorphologyEx(truth, mask, random.Next() < 0.5 ? MorphTypes.Dilate : MorphTypes.Erode, element);
        return ToFloat(mask);
    }
}
