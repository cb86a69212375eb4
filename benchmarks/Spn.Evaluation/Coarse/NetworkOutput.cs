using OpenCvSharp;

namespace Spn.Evaluation.Coarse;

/// <summary>A network's soft output at a stride: area-downsampled, blurred, noisy, bilinearly upsampled, kept soft.</summary>
/// <param name="name">The kind's name.</param>
/// <param name="stride">Cell size in u.</param>
/// <param name="blur">σ of the Gaussian in cells.</param>
/// <param name="noise">Uniform noise, ± this.</param>
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
