using OpenCvSharp;
using Spn.Evaluation.Report;
using Spn.Paper.Data;

namespace Spn.Paper.Report;

/// <summary>The labels of every system for a few test pictures, side by side: a row for each picture, as in slides 23 and 24.</summary>
/// <param name="pictures">The pictures.</param>
internal sealed class PictureSheet(IReadOnlyList<Picture> pictures)
{
    private readonly List<(string System, LabelMap[] Labels)> _systems = [];

    /// <summary>Adds a column.</summary>
    /// <param name="system">The system's name.</param>
    /// <param name="predict">The labels of a picture.</param>
    public void Add(string system, Func<Picture, LabelMap> predict) => _systems.Add((system, [.. pictures.Select(predict)]));

    public void Save(string path)
    {
        using var rows = new SheetRows();
        for (int i = 0; i < pictures.Count; i++)
        {
            Picture picture = pictures[i];
            List<Mat> cells = [Cell(picture, labels: null, picture.Name), Cell(picture, [.. picture.Labels.Select(l => (int)l)], "truth")];
            cells.AddRange(_systems.Select(system => Cell(picture, system.Labels[i].Labels.ToArray(), system.System)));
            rows.Add(cells);
        }
        rows.Save(path);
    }

    /// <summary>The labels in VOC's colours over the picture.</summary>
    private static Mat Cell(Picture picture, int[]? labels, string caption)
    {
        int plane = picture.Width * picture.Height;
        byte[] bgr = new byte[3 * plane];
        for (int i = 0; i < plane; i++)
        {
            SkiaSharp.SKColor color = labels is null ? default : LabelPalette.Voc[labels[i]];
            ReadOnlySpan<byte> over = [color.Blue, color.Green, color.Red];
            for (int c = 0; c < 3; c++)
            {
                float own = 255 * picture.Rgb[(2 - c) * plane + i];
                bgr[3 * i + c] = (byte)(labels is null || labels[i] == 0 ? own : 0.4f * own + 0.6f * over[c]);
            }
        }
        using Mat image = Mat.FromPixelData(picture.Height, picture.Width, MatType.CV_8UC3, bgr);
        return SheetCell.Of(image, new Rect(0, 0, picture.Width, picture.Height), caption);
    }
}
