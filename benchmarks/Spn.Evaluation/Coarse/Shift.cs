using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>
/// A delayed video frame or a misaligned source: moved by 3-8 u in a random direction. Beyond the border, the border is repeated.
/// </summary>
internal sealed class Shift() : CoarseKind("shift")
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        double length = random.Between(3, 8) * u, angle = random.Between(0, 2 * Math.PI);
        using Mat move = Mat.FromPixelData(2, 3, MatType.CV_64FC1, new double[]
        {
            1, 0, Math.Round(length * Math.Cos(angle)),
            0, 1, Math.Round(length * Math.Sin(angle)),
        });
        using var mask = new Mat();
        Cv2.WarpAffine(truth, mask, move, truth.Size(), InterpolationFlags.Nearest, BorderTypes.Replicate);
        return ToFloat(mask);
    }
}
