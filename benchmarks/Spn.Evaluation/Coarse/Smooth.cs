using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>The true mask without its detail: blurred with a σ of 1-5 u.</summary>
/// <param name="name">The name of the kind.</param>
/// <param name="isHard">Whether the mask is 0 and 1.</param>
internal sealed class Smooth(string name, bool isHard) : CoarseKind(name)
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        Mat mask = ToFloat(truth);
        Cv2.GaussianBlur(mask, mask, new Size(0, 0), random.Between(1, 5) * u);
        if (isHard)
            Cv2.Threshold(mask, mask, 0.5, 1, ThresholdTypes.Binary);
        return mask;
    }
}
