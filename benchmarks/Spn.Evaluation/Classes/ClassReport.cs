using System.Globalization;
using System.Text;
using Spn.Metrics;

namespace Spn.Evaluation.Classes;

/// <summary>The tables of class probabilities: one per network, with one row per method.</summary>
internal static class ClassReport
{
    private const int Resamples = 1000, Seed = 1;

    public static string Markdown(IReadOnlyList<ClassScore> scores)
    {
        var text = new StringBuilder();
        foreach (string network in scores.Select(score => score.Network).Distinct())
        {
            Row[] rows = Rows(scores, network);
            text.Append(CultureInfo.InvariantCulture, $"\n### {network}, {rows[0].Photos} photos\n\n");
            text.Append("| method | accuracy % | mean accuracy % | mIoU % | change of mIoU ");
            text.Append("| mIoU near % | far right % | far net % | ms |\n");
            text.Append("|---|---|---|---|---|---|---|---|---|\n");
            foreach (Row row in rows)
            {
                bool isBaseline = row == rows[0];
                text.Append(CultureInfo.InvariantCulture, $"| {row.Method} | {100 * row.All.PixelAccuracy:0.00} ");
                text.Append(CultureInfo.InvariantCulture, $"| {100 * row.All.MeanAccuracy:0.00} | {100 * MeanIoU(row.All):0.00} | ");
                if (!isBaseline)
                    text.Append(CultureInfo.InvariantCulture, $"{100 * row.Change:+0.00;-0.00;0.00} ± {100 * row.Deviation:0.00} ");
                text.Append(CultureInfo.InvariantCulture, $"| {100 * MeanIoU(row.Near):0.00} | ");
                if (!isBaseline)
                    text.Append(CultureInfo.InvariantCulture, $"{100 * row.FarRight:0.0} | {100 * row.FarNet:+0.000;-0.000;0.000} ");
                text.Append(isBaseline ? "| | |\n" : string.Create(CultureInfo.InvariantCulture, $"| {row.Milliseconds:0} |\n"));
            }
        }
        return text.ToString();
    }

    public static string Csv(IReadOnlyList<ClassScore> scores)
        => string.Concat(scores.Select(score => score.Network).Distinct().SelectMany(network => Rows(scores, network).Select(row =>
            FormattableString.Invariant($"{network},\"{row.Method}\",{row.Photos},{row.All.PixelAccuracy:0.000000},")
                + FormattableString.Invariant($"{row.All.MeanAccuracy:0.000000},{MeanIoU(row.All):0.000000},{row.Change:0.000000},{row.Deviation:0.000000},")
                + FormattableString.Invariant($"{MeanIoU(row.Near):0.000000},{row.FarRight:0.000000},{row.FarNet:0.000000}\n")))
            .Prepend("network,method,photos,accuracy,mean_accuracy,miou,miou_change,miou_change_sd,miou_near,far_right,far_net\n"));

    /// <summary>One line per photo, network and method.</summary>
    public static string CsvPerPhoto(IEnumerable<ClassScore> scores)
        => string.Concat(scores
            .Select(score => FormattableString.Invariant($"{score.Photo},{score.Network},\"{score.Method}\",{score.All.PixelAccuracy:0.000000},")
                + FormattableString.Invariant($"{score.FarRight},{score.FarWrong},{score.Milliseconds:0.00}\n"))
            .Prepend("photo,network,method,accuracy,far_right_pixels,far_wrong_pixels,ms\n"));

    private static Row[] Rows(IReadOnlyList<ClassScore> scores, string network)
    {
        ClassScore[] wanted = [.. scores.Where(score => score.Network == network)];
        ClassScore[] baseline = [.. wanted.Where(score => score.Method == wanted[0].Method)];
        return [.. wanted.GroupBy(score => score.Method).Select(method => Of([.. method], baseline))];
    }

    private static Row Of(ClassScore[] scores, ClassScore[] baseline)
    {
        ConfusionMatrix all = Sum(scores.Select(score => score.All)), near = Sum(scores.Select(score => score.Near));
        long right = scores.Sum(score => score.FarRight), wrong = scores.Sum(score => score.FarWrong);
        double[] times = [.. scores.Select(score => score.Milliseconds).Order()];
        return new Row(
            scores[0].Method, scores.Length, all, near, MeanIoU(all) - MeanIoU(Sum(baseline.Select(score => score.All))),
            Deviation(scores, baseline), right + wrong == 0 ? double.NaN : (double)right / (right + wrong),
            (double)(right - wrong) / all.Pixels, times[times.Length / 2]);
    }

    /// <summary>The bootstrap standard deviation of the change in mIoU: photos are drawn with replacement.</summary>
    private static double Deviation(ClassScore[] scores, ClassScore[] baseline)
    {
        var random = new Random(Seed);
        double[] changes = new double[Resamples];
        for (int i = 0; i < Resamples; i++)
        {
            ConfusionMatrix after = new(ClassScore.Labels), before = new(ClassScore.Labels);
            for (int n = 0; n < scores.Length; n++)
            {
                int drawn = random.Next(scores.Length);
                after.Add(scores[drawn].All);
                before.Add(baseline[drawn].All);
            }
            changes[i] = MeanIoU(after) - MeanIoU(before);
        }
        double mean = changes.Average();
        return Math.Sqrt(changes.Average(change => (change - mean) * (change - mean)));
    }

    /// <summary>
    /// The mean over the labels of the truth. In the mean over all labels, one pixel of a label that no drawn photo shows would cost as much
    /// as a whole label.
    /// </summary>
    private static double MeanIoU(ConfusionMatrix counts)
        => Enumerable.Range(0, ClassScore.Labels).Where(label => !double.IsNaN(counts.Accuracy(label))).Average(counts.IoU);

    private static ConfusionMatrix Sum(IEnumerable<ConfusionMatrix> counts)
    {
        var sum = new ConfusionMatrix(ClassScore.Labels);
        foreach (ConfusionMatrix some in counts)
            sum.Add(some);
        return sum;
    }

    /// <summary>A method's figures over all photos of a network.</summary>
    /// <param name="Method">The name of the method.</param>
    /// <param name="Photos">The number of photos.</param>
    /// <param name="All">All pixels.</param>
    /// <param name="Near">The pixels near a boundary.</param>
    /// <param name="Change">The change in mIoU.</param>
    /// <param name="Deviation">Its standard deviation.</param>
    /// <param name="FarRight">Of the changes far from a boundary that made a label right or wrong, the share that made it right.</param>
    /// <param name="FarNet">Right minus wrong changes there, as a share of all pixels.</param>
    /// <param name="Milliseconds">The median time per photo.</param>
    private sealed record Row(
        string Method, int Photos, ConfusionMatrix All, ConfusionMatrix Near, double Change, double Deviation, double FarRight, double FarNet,
        double Milliseconds);
}
