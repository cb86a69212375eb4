using OpenCvSharp;

namespace Spn.Evaluation.Photos;

/// <summary>The thin parts of a true mask: legs, ropes, spokes, leaves and gaps between them.</summary>
internal static class ThinParts
{
    // Lengths in u = √(width·height)/512 pixels.
    private const double Width = 9, Around = 8;
    private const double MinArea = 40; // u²: corners of thick parts leave smaller pieces

    /// <summary>The pixels around thin parts of the object and around thin gaps in it, 8-bit 0 or 255.</summary>
    public static Mat Region(Mat truth)
    {
        double u = Math.Sqrt((double)truth.Width * truth.Height) / 512;
        using Mat opened = new(), closed = new(), thin = new(), near = Disc(Around * u), wide = Disc(Width * u / 2);
        // Outside the image nothing is known, so its border makes nothing thin.
        int margin = wide.Width;
        using Mat framed = new();
        Cv2.CopyMakeBorder(truth, framed, margin, margin, margin, margin, BorderTypes.Replicate);
        Cv2.MorphologyEx(framed, opened, MorphTypes.Open, wide);
        Cv2.MorphologyEx(framed, closed, MorphTypes.Close, wide);
        Cv2.Subtract(closed, opened, thin);
        using Mat inner = new(thin, new Rect(margin, margin, truth.Width, truth.Height)), kept = WithoutCrumbs(inner, MinArea * u * u);
        var region = new Mat();
        Cv2.Dilate(kept, region, near);
        return region;
    }

    private static Mat WithoutCrumbs(Mat parts, double minArea)
    {
        using Mat labels = new(), stats = new(), centres = new();
        int count = Cv2.ConnectedComponentsWithStats(parts, labels, stats, centres);
        var kept = new Mat(parts.Size(), MatType.CV_8UC1, Scalar.Black);
        for (int i = 1; i < count; i++)
        {
            if (stats.Get<int>(i, (int)ConnectedComponentsTypes.Area) < minArea)
                continue;
            using var part = new Mat();
            Cv2.InRange(labels, i, i, part);
            Cv2.BitwiseOr(kept, part, kept);
        }
        return kept;
    }

    private static Mat Disc(double radius)
    {
        int side = 2 * Math.Max(1, (int)Math.Round(radius)) + 1;
        return Cv2.GetStructuringElement(MorphShapes.Ellipse, new Size(side, side));
    }
}
