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
    private readonly SheetRows _rows = new();

    public void Add(Photo photo, string title, IReadOnlyList<(string Name, Mat Mask)> masks)
    {
        // Zoomed to the object, because errors of a few pixels are invisible in a whole photo.
        Rect object_ = Cv2.BoundingRect(photo.Truth);
        object_.Inflate(1 + photo.Truth.Width / 20, 1 + photo.Truth.Height / 20);
        object_ &= new Rect(0, 0, photo.Truth.Width, photo.Truth.Height);

        using Mat outlined = photo.Image.Clone();
        Cv2.FindContours(photo.Truth, out Point[][] contours, out _, RetrievalModes.CComp, ContourApproximationModes.ApproxNone);
        Cv2.DrawContours(outlined, contours, -1, new Scalar(0, 255, 0));
        List<Mat> cells = [SheetCell.Of(outlined, object_, title)];
        foreach ((string name, Mat mask) in masks)
        {
            using Mat soft = new(), grey = new(), errors = Errors(photo, mask);
            mask.ConvertTo(soft, MatType.CV_8UC1, 255);
            Cv2.CvtColor(soft, grey, ColorConversionCodes.GRAY2BGR);
            cells.Add(SheetCell.Of(grey, object_, name));
            cells.Add(SheetCell.Of(errors, object_, "errors"));
        }
        _rows.Add(cells);
    }

    public void Save(string path) => _rows.Save(path);

    public void Dispose() => _rows.Dispose();

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
}
