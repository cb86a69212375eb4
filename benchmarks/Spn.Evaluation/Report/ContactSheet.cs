using OpenCvSharp;
using Spn.Evaluation.Photos;
using Spn.Native;

namespace Spn.Evaluation.Report;

/// <summary>
/// Rows of images: the photo with the true boundary, then for each mask its soft values and its errors: red for background that was
/// classified as object, blue for object that was missed.
/// </summary>
internal sealed class ContactSheet : IDisposable
{
    private const int Margin = 24;
    private readonly List<Mat> _rows = [];

    public void Add(Photo photo, string title, IReadOnlyList<(string Name, Mat Mask)> masks)
    {
        // Zoomed to the object, because errors of a few pixels are invisible in a whole photo.
        Rect object_ = Cv2.BoundingRect(photo.Truth);
        object_.Inflate(1 + photo.Truth.Width / 20, 1 + photo.Truth.Height / 20);
        object_ &= new Rect(0, 0, photo.Truth.Width, photo.Truth.Height);

        using Mat outlined = photo.Image.Clone();
        Cv2.FindContours(photo.Truth, out Point[][] contours, out _, RetrievalModes.CComp, ContourApproximationModes.ApproxNone);
        Cv2.DrawContours(outlined, contours, -1, new Scalar(0, 255, 0));
        List<Mat> cells = [Cell(outlined, object_, title)];
        foreach ((string name, Mat mask) in masks)
        {
            using Mat soft = new(), grey = new(), errors = Errors(photo, mask);
            mask.ConvertTo(soft, MatType.CV_8UC1, 255);
            Cv2.CvtColor(soft, grey, ColorConversionCodes.GRAY2BGR);
            cells.Add(Cell(grey, object_, name));
            cells.Add(Cell(errors, object_, "errors"));
        }
        var row = new Mat();
        Cv2.HConcat(cells, row);
        _rows.Add(row);
        cells.ForEach(cell => cell.Dispose());
    }

    public void Save(string path)
    {
        using Mat sheet = new();
        Cv2.VConcat(_rows, sheet);
        Cv2.ImEncode(".png", sheet, out byte[] png);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    public void Dispose() => _rows.ForEach(row => row.Dispose());

    private static Mat Errors(Photo photo, Mat mask)
    {
        using Mat inside = new(), tooMuch = new(), missed = new();
        Cv2.Compare(mask, Scalar.All(0.5), inside, CmpTypes.GE);
        Cv2.Subtract(inside, photo.Truth, tooMuch);
        Cv2.Subtract(photo.Truth, inside, missed);
        Cv2.Subtract(tooMuch, photo.Void, tooMuch);
        Cv2.Subtract(missed, photo.Void, missed);
        var errors = new Mat();
        photo.Image.ConvertTo(errors, -1, 0.5, 60);
        errors.SetTo(new Scalar(0, 0, 255), tooMuch);
        errors.SetTo(new Scalar(255, 0, 0), missed);
        return errors;
    }

    private static Mat Cell(Mat picture, Rect region, string caption)
    {
        const int Width = 320, Height = 240;
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
