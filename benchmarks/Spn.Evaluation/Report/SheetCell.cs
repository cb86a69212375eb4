using OpenCvSharp;

namespace Spn.Evaluation.Report;

/// <summary>One picture of a contact sheet with its caption.</summary>
internal static class SheetCell
{
    private const int Margin = 24, Width = 320, Height = 240;

    /// <param name="picture">8-bit BGR.</param>
    /// <param name="region">The part to show.</param>
    /// <param name="caption">The text above the picture.</param>
    public static Mat Of(Mat picture, Rect region, string caption)
    {
        using Mat cut = new(picture, region);
        double scale = Math.Min((double)Width / cut.Width, (double)Height / cut.Height);
        var size = new Size(Math.Max(1, cut.Width * scale), Math.Max(1, cut.Height * scale));
        using Mat scaled = new();
        Cv2.Resize(cut, scaled, size, 0, 0, scale < 1 ? InterpolationFlags.Area : InterpolationFlags.Nearest);
        var cell = new Mat(Height + Margin, Width, MatType.CV_8UC3, Scalar.White);
        using (Mat place = new(cell, new Rect((Width - size.Width) / 2, Margin, size.Width, size.Height)))
            scaled.CopyTo(place);
        string text = string.Concat(caption.Where(char.IsAscii).Take(44)); // OpenCV's fonts contain only ASCII characters
        Cv2.PutText(cell, text, new Point(4, Margin - 8), HersheyFonts.HersheySimplex, 0.42, Scalar.Black, lineType: LineTypes.AntiAlias);
        return cell;
    }
}
