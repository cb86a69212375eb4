using System.Globalization;
using SkiaSharp;
using Spn.Shared;

namespace Spn.Training.Progress;

/// <summary>
/// Plots the loss over the steps on a logarithmic axis: all reports in a light colour and their running mean in a dark one.
/// </summary>
internal static class LossCurve
{
    private const int Width = 960, Height = 480, Margin = 56;
    private const double Smoothing = 0.1;

    public static void Save(string path, IReadOnlyList<(double Step, double Loss)> points)
    {
        points = [.. points.Where(p => p.Loss > 0 && double.IsFinite(p.Loss))];
        if (points.Count < 2)
            return;
        double low = Math.Log(points.Min(p => p.Loss));
        double high = Math.Max(Math.Log(points.Max(p => p.Loss)), low + 1e-3);
        double last = points[^1].Step;
        using SKBitmap bitmap = new(Width, Height);
        using SKCanvas canvas = new(bitmap);
        canvas.Clear(SKColors.White);

        var smooth = new List<(double Step, double Loss)>();
        double mean = points[0].Loss;
        foreach ((double step, double loss) in points)
            smooth.Add((step, mean += Smoothing * (loss - mean)));
        Draw(points, new SKColor(0xB0, 0xC4, 0xDE), 1);
        Draw(smooth, new SKColor(0x1F, 0x4E, 0x9E), 2.5f);

        using SKPaint ink = new() { Color = SKColors.Black, IsAntialias = true, StrokeWidth = 1 };
        using SKFont font = new() { Size = 14 };
        canvas.DrawLine(Margin, Height - Margin, Width - Margin, Height - Margin, ink);
        canvas.DrawLine(Margin, Margin, Margin, Height - Margin, ink);
        for (int i = 0; i <= 4; i++)
        {
            double value = Math.Exp(low + (high - low) * i / 4), step = last * i / 4;
            canvas.DrawText(value.ToString("0.000", CultureInfo.InvariantCulture), 8, (float)Y(value) + 5, font, ink);
            canvas.DrawText(step.ToString("0", CultureInfo.InvariantCulture), (float)X(step) - 16, Height - Margin + 20, font, ink);
        }
        canvas.DrawText("loss over steps", Margin, Margin - 16, font, ink);
        AtomicFile.Write(path, stream => bitmap.Encode(stream, SKEncodedImageFormat.Png, 100));

        double X(double step) => Margin + (Width - 2 * Margin) * step / last;
        double Y(double loss) => Margin + (Height - 2 * Margin) * (high - Math.Log(loss)) / (high - low);

        void Draw(IReadOnlyList<(double Step, double Loss)> line, SKColor colour, float width)
        {
            using SKPaint paint = new() { Color = colour, IsAntialias = true, StrokeWidth = width };
            for (int i = 1; i < line.Count; i++)
                canvas.DrawLine(
                    (float)X(line[i - 1].Step), (float)Y(line[i - 1].Loss), (float)X(line[i].Step), (float)Y(line[i].Loss), paint);
        }
    }
}
