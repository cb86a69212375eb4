using SkiaSharp;

namespace Spn.Evaluation.Verdicts;

/// <summary>How well probabilities fit what happened.</summary>
internal static class Calibration
{
    private const int Bins = 10, Side = 360, Margin = 44, LegendLine = 18;

    private static readonly SKColor[] s_colors = [new(0x1f, 0x77, 0xb4), new(0xd6, 0x27, 0x28), new(0x2c, 0xa0, 0x2c)];

    /// <summary>The area under the ROC curve: how often a better mask has a higher probability than another one; 0.5 is chance.</summary>
    public static double Auc(IReadOnlyList<VerdictSample> samples)
    {
        double[] better = [.. samples.Where(s => s.IsBetter).Select(s => s.Better)];
        double[] others = [.. samples.Where(s => !s.IsBetter).Select(s => s.Better)];
        double wins = better.Sum(p => others.Sum(q => p > q ? 1 : p == q ? 0.5 : 0));
        return wins / ((double)better.Length * others.Length);
    }

    /// <summary>The mean difference of probability and frequency over ten bins, weighted by their samples (Naeini et al., 2015).</summary>
    public static double ExpectedError(IReadOnlyList<VerdictSample> samples)
        => Points(samples).Sum(bin => bin.Count * Math.Abs(bin.Probability - bin.Frequency)) / samples.Count;

    /// <summary>Draws the frequency of better masks over the probability. The size of a point shows how many masks it stands for.</summary>
    /// <returns>A PNG file.</returns>
    public static byte[] Draw(IReadOnlyList<(string Name, IReadOnlyList<VerdictSample> Samples)> groups)
    {
        using SKBitmap picture = new(Side + 2 * Margin, Side + 2 * Margin + LegendLine * groups.Count);
        using SKCanvas canvas = new(picture);
        using SKPaint line = new() { Color = SKColors.LightGray, IsAntialias = true, StrokeWidth = 1 }, ink = new() { IsAntialias = true };
        using SKFont font = new(SKTypeface.Default, 13);
        canvas.Clear(SKColors.White);
        for (int i = 0; i <= Bins; i += 2)
        {
            float share = (float)i / Bins;
            canvas.DrawLine(At(share, 0), At(share, 1), line);
            canvas.DrawLine(At(0, share), At(1, share), line);
            ink.Color = SKColors.Black;
            canvas.DrawText($"{share:0.0}", At(share, 0).X, At(0, 0).Y + 18, SKTextAlign.Center, font, ink);
            canvas.DrawText($"{share:0.0}", At(0, 0).X - 6, At(0, share).Y + 5, SKTextAlign.Right, font, ink);
        }
        line.Color = SKColors.Gray;
        canvas.DrawLine(At(0, 0), At(1, 1), line);
        canvas.DrawText(
            "verdict: probability that the refined mask is better", Margin + Side / 2, Side + 2 * Margin - 8,
            SKTextAlign.Center, font, ink);
        canvas.DrawText("share of masks that were better", Margin - 30, Margin - 16, SKTextAlign.Left, font, ink);
        for (int group = 0; group < groups.Count; group++)
        {
            line.Color = ink.Color = s_colors[group % s_colors.Length];
            SKPoint? last = null;
            foreach ((double probability, double frequency, int count) in Points(groups[group].Samples))
            {
                SKPoint point = At((float)probability, (float)frequency);
                if (last is { } previous)
                    canvas.DrawLine(previous, point, line);
                canvas.DrawCircle(point, 2 + 10 * MathF.Sqrt((float)count / groups[group].Samples.Count), ink);
                last = point;
            }
            canvas.DrawCircle(Margin + 6, Side + 2 * Margin + 3 + LegendLine * group, 5, ink);
            canvas.DrawText(groups[group].Name, Margin + 16, Side + 2 * Margin + 8 + LegendLine * group, SKTextAlign.Left, font, ink);
        }
        using SKData png = picture.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();

        static SKPoint At(float x, float y) => new(Margin + x * Side, Margin + (1 - y) * Side);
    }

    private static IEnumerable<(double Probability, double Frequency, int Count)> Points(IReadOnlyList<VerdictSample> samples)
        => samples.GroupBy(s => Math.Min(Bins - 1, (int)(s.Better * Bins))).OrderBy(bin => bin.Key)
            .Select(bin => (bin.Average(s => s.Better), bin.Average(s => s.IsBetter ? 1.0 : 0), bin.Count()));
}
