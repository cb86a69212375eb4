using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Photos;

namespace Spn.Evaluation.CutOuts;

/// <summary>The object of one photo over another photo, with known colours and known alpha.</summary>
internal sealed class Composite : IDisposable
{
    public Composite(Photo photo, Mat background, EdgeKind kind)
    {
        // Of an object that reaches the border of the photo, only what lies inside has an edge.
        using Mat framed = new(), inside = new();
        Cv2.CopyMakeBorder(photo.Truth, framed, 1, 1, 1, 1, BorderTypes.Constant, Scalar.All(0));
        Cv2.DistanceTransform(framed, inside, DistanceTypes.L2, DistanceTransformMasks.Precise);
        using Mat distance = inside[new Rect(1, 1, photo.Truth.Width, photo.Truth.Height)].Clone();
        Alpha = kind.Alpha(distance, new SeededRandom($"{photo.Name} {kind.Name}"));
        Foreground = photo.Image.Clone();
        using Mat fitted = new();
        Cv2.Resize(background, fitted, photo.Image.Size(), 0, 0, InterpolationFlags.Area);
        Image = Over(Foreground, Alpha, fitted);
    }

    /// <summary>8-bit BGR; the object's colours where alpha is not 0.</summary>
    public Mat Foreground { get; }

    /// <summary>0..1.</summary>
    public Mat Alpha { get; }

    /// <summary>8-bit BGR.</summary>
    public Mat Image { get; }

    /// <summary>A foreground over a background.</summary>
    /// <param name="foreground">8-bit BGR.</param>
    /// <param name="alpha">0..1.</param>
    /// <param name="background">8-bit BGR.</param>
    public static Mat Over(Mat foreground, Mat alpha, Mat background)
    {
        Mat result = foreground.Clone();
        var f = result.GetUnsafeGenericIndexer<Vec3b>();
        var b = background.GetUnsafeGenericIndexer<Vec3b>();
        var a = alpha.GetUnsafeGenericIndexer<float>();
        (int width, int height) = (result.Width, result.Height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Vec3b upper = f[y, x], lower = b[y, x];
                float share = a[y, x];
                byte Blend(byte above, byte below) => (byte)(below + share * (above - below) + 0.5f);
                f[y, x] = new(Blend(upper.Item0, lower.Item0), Blend(upper.Item1, lower.Item1), Blend(upper.Item2, lower.Item2));
            }
        }
        return result;
    }

    public void Dispose()
    {
        Foreground.Dispose();
        Alpha.Dispose();
        Image.Dispose();
    }
}
