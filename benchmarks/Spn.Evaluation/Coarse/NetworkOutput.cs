using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>The soft output of a network with a stride: downsampled by area, blurred, noisy, and bilinearly upsampled.</summary>
/// <param name="name">The name of the kind.</param>
/// <param name="stride">The size of a cell in u.</param>
/// <param name="blur">σ of the Gaussian blur in cells.</param>
/// <param name="noise">The amplitude of the uniform noise.</param>
internal sealed class NetworkOutput(string name, double stride, double blur, double noise) : CoarseKind(name)
{
    protected override Mat Make(Mat truth, SeededRandom random, double u)
    {
        var cells = new Size(Math.Max(1, Math.Round(truth.Width / (stride * u))), Math.Max(1, Math.Round(truth.Height / (stride * u))));
        using Mat full = ToFloat(truth);
        using var small = new Mat();
        Cv2.Resize(full, small, cells, 0, 0, InterpolationFlags.Area);
        Cv2.GaussianBlur(small, small, new Size(0, 0), blur);
        var pixels = small.GetUnsafeGenericIndexer<float>();
        for (int y = 0; y < cells.Height; y++)
            for (int x = 0; x < cells.Width; x++)
                pixels[y, x] = (float)Math.Clamp(pixels[y, x] + random.Between(-noise, noise), 0, 1);
        var result = new Mat();
        Cv2.Resize(small, result, truth.Size(), 0, 0, InterpolationFlags.Linear);
        return result;
    }
}
