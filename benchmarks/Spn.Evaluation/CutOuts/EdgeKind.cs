using OpenCvSharp;
using Spn.Evaluation.Coarse;

namespace Spn.Evaluation.CutOuts;

/// <summary>
/// A kind of transition between an object and its background. All of it lies inside the true mask, so the photo itself is the object's
/// colour at every pixel that the object covers in part.
/// </summary>
internal sealed record EdgeKind(string Name, Func<Mat, SeededRandom, Mat> Alpha)
{
    /// <summary>How many pixels at the border of a true mask may hold colours of the photo's own background.</summary>
    private const double Unsafe = 3;

    public static IReadOnlyList<EdgeKind> All { get; } =
    [
        new("soft edge, 3 px", (inside, _) => Ramp(inside, 3)),
        new("blurred edge, 15 px", (inside, _) => Ramp(inside, 15)),
        new("hair", Hair),
    ];

    /// <summary>Alpha rises from 0 to 1 over a distance from the border.</summary>
    private static Mat Ramp(Mat inside, double width)
    {
        Mat alpha = new();
        inside.ConvertTo(alpha, MatType.CV_32FC1, 1 / width, -Unsafe / width);
        Cv2.Max(alpha, Scalar.All(0), alpha);
        Cv2.Min(alpha, Scalar.All(1), alpha);
        return alpha;
    }

    /// <summary>A solid core, and strands of about one pixel that grow from it outwards and end before the border.</summary>
    private static Mat Hair(Mat inside, SeededRandom random)
    {
        const int Length = 30;
        Mat core = Ramp(inside - Scalar.All(Length - 2), 2);
        using Mat strands = new(inside.Size(), MatType.CV_8UC1, Scalar.All(0));
        var distance = inside.GetUnsafeGenericIndexer<float>();
        (int width, int height) = (inside.Width, inside.Height);
        for (int y = 1; y < height - 1; y++)
        {
            for (int x = 1; x < width - 1; x++)
            {
                if (distance[y, x] is < Length or > Length + 1.5f || random.Next() > 0.5)
                    continue;
                double dx = distance[y, x - 1] - distance[y, x + 1], dy = distance[y - 1, x] - distance[y + 1, x];
                double angle = Math.Atan2(dy, dx) + random.Between(-0.5, 0.5), length = random.Between(0.4, 1) * Length;
                Point end = new(16 * (x + length * Math.Cos(angle)), 16 * (y + length * Math.Sin(angle)));
                Cv2.Line(strands, new Point(16 * x, 16 * y), end, Scalar.All(random.Between(120, 255)), 1, LineTypes.AntiAlias, shift: 4);
            }
        }
        using Mat covered = new(), allowed = Ramp(inside, 2);
        strands.ConvertTo(covered, MatType.CV_32FC1, 1 / 255.0);
        Cv2.Multiply(covered, allowed, covered);
        Cv2.Max(core, covered, core);
        return core;
    }
}
