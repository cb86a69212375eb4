using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>
/// A delayed video frame or a misaligned source, moved in a random direction. Beyond the border, the border is repeated.
/// </summary>
/// <param name="name">The name of the kind.</param>
/// <param name="min">The smallest distance in u.</param>
/// <param name="max">The largest one.</param>
internal sealed class Shift(string name = "shift", double min = 3, double max = 8) : CoarseKind(name)
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        double length = random.Between(min, max) * u, angle = random.Between(0, 2 * Math.PI);
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
