using OpenCvSharp;
using Spn.Evaluation.Report;

namespace Spn.Evaluation.Classes;

/// <summary>
/// Rows of images: the photo, its true labels, then for each method its labels and its errors: red where the label is wrong, white where
/// the truth is void.
/// </summary>
internal sealed class ClassSheet : IDisposable
{
    private readonly SheetRows _rows = new();

    public void Add(ClassPhoto photo, string title, IReadOnlyList<(string Name, LabelMap Labels)> results)
    {
        List<Mat> cells = [Cell(photo.Image, title)];
        using (Mat truth = Colours(photo, photo.Truth))
            cells.Add(Cell(truth, "truth"));
        foreach ((string name, LabelMap labels) in results)
        {
            using Mat colours = Colours(photo, labels), errors = Errors(photo, labels);
            cells.Add(Cell(colours, name));
            cells.Add(Cell(errors, "errors"));
        }
        _rows.Add(cells);
    }

    public void Save(string path) => _rows.Save(path);

    public void Dispose() => _rows.Dispose();

    private static Mat Cell(Mat picture, string caption) => SheetCell.Of(picture, new Rect(0, 0, picture.Width, picture.Height), caption);

    /// <summary>The labels in VOC's colours over the darkened photo.</summary>
    private static Mat Colours(ClassPhoto photo, LabelMap labels)
        => Paint(photo, 0.4, (i, pixel) =>
        {
            if (labels.Labels[i] == photo.Truth.VoidLabel)
                return new Vec3b(255, 255, 255);
            SkiaSharp.SKColor colour = LabelPalette.Voc[labels.Labels[i]];
            return Mix(pixel, colour.Blue, colour.Green, colour.Red);
        });

    private static Mat Errors(ClassPhoto photo, LabelMap labels)
        => Paint(photo, 0.5, (i, pixel) =>
            photo.Truth.Labels[i] == photo.Truth.VoidLabel ? new Vec3b(255, 255, 255)
            : photo.Truth.Labels[i] != labels.Labels[i] ? new Vec3b(0, 0, 255) : pixel);

    private static Mat Paint(ClassPhoto photo, double light, Func<int, Vec3b, Vec3b> paint)
    {
        using Mat dark = new();
        photo.Image.ConvertTo(dark, -1, light, 40);
        dark.GetArray(out Vec3b[] pixels);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = paint(i, pixels[i]);
        using Mat painted = Mat.FromPixelData(dark.Height, dark.Width, MatType.CV_8UC3, pixels);
        return painted.Clone();
    }

    private static Vec3b Mix(Vec3b pixel, byte blue, byte green, byte red)
        => new((byte)((pixel.Item0 + blue) / 2), (byte)((pixel.Item1 + green) / 2), (byte)((pixel.Item2 + red) / 2));
}
