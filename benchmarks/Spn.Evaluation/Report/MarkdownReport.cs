using System.Globalization;
using System.Text;

namespace Spn.Evaluation.Report;

/// <summary>The Markdown tables: one per group of kinds, with one row per method.</summary>
internal static class MarkdownReport
{
    public static string Table(IReadOnlyList<Score> scores, IReadOnlyList<string> kinds)
    {
        var text = new StringBuilder("| method | IoU % | boundary IoU % | mBA % | IoU gain | mBA gain | ms/photo | ms/mask |\n");
        text.Append("|---|---|---|---|---|---|---|---|\n");
        Score[] wanted = [.. scores.Where(score => kinds.Contains(score.Kind))];
        string baseline = wanted[0].Method;
        Dictionary<string, Means> coarse = PerPhoto(wanted, baseline);
        foreach (string method in wanted.Select(score => score.Method).Distinct())
        {
            Dictionary<string, Means> own = PerPhoto(wanted, method);
            Score[] rows = [.. wanted.Where(score => score.Method == method)];
            text.Append($"| {method} | {Percent(own.Values.Select(v => v.IoU))} | {Percent(own.Values.Select(v => v.BoundaryIoU))} ");
            text.Append($"| {Percent(own.Values.Select(v => v.Mba))} ");
            if (method == baseline)
            {
                text.Append("| | | | |\n");
                continue;
            }
            text.Append($"| {Percent(own.Select(v => v.Value.IoU - coarse[v.Key].IoU), sign: true)} ");
            text.Append($"| {Percent(own.Select(v => v.Value.Mba - coarse[v.Key].Mba), sign: true)} ");
            text.Append(string.Create(CultureInfo.InvariantCulture, $"| {Median(rows.Select(row => row.PhotoTime)):0.0} "));
            text.Append(string.Create(CultureInfo.InvariantCulture, $"| {Median(rows.Select(row => row.MaskTime)):0.0} |\n"));
        }
        return text.ToString();
    }

    /// <summary>The means per photo over the kinds, because the photos are the samples of the standard error.</summary>
    private static Dictionary<string, Means> PerPhoto(IEnumerable<Score> scores, string method)
        => scores.Where(score => score.Method == method).GroupBy(score => score.Photo).ToDictionary(photo => photo.Key,
            photo => new Means(
                photo.Average(score => score.IoU), photo.Average(score => score.BoundaryIoU), photo.Average(score => score.Mba)));

    private static string Percent(IEnumerable<double> values, bool sign = false)
    {
        Statistics statistics = Statistics.Of([.. values]);
        return string.Create(CultureInfo.InvariantCulture,
            $"{(sign && statistics.Mean >= 0 ? "+" : "")}{100 * statistics.Mean:0.00} ± {100 * statistics.StandardError:0.00}");
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private readonly record struct Means(double IoU, double BoundaryIoU, double Mba);
}
