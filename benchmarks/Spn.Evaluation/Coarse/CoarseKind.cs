using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>Makes a coarse mask from the true one: 8-bit 0/255 → float 0..1 of the same size.</summary>
/// <remarks>Lengths are in units of u = √(width·height)/512 pixels, so that errors scale with the image.</remarks>
internal abstract class CoarseKind(string name)
{
    public string Name { get; } = name;

    /// <summary>The coarse mask of a photo. The same photo name gives the same mask on every machine.</summary>
    public Mat Make(Mat truth, string photoName)
        => Make(truth, new SeededRandom($"{photoName}/{Name}"), Math.Sqrt((double)truth.Width * truth.Height) / 512);

    protected abstract Mat Make(Mat truth, SeededRandom random, double u);

    /// <summary>8-bit 0/255 → float 0/1.</summary>
    protected static Mat ToFloat(Mat mask)
    {
        var result = new Mat();
        mask.ConvertTo(result, MatType.CV_32FC1, 1 / 255.0);
        return result;
    }
}
