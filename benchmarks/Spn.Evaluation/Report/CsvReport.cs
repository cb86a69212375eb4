namespace Spn.Evaluation.Report;

/// <summary>The results in CSV format.</summary>
internal static class CsvReport
{
    /// <summary>One line per photo, kind and method.</summary>
    public static string PerPhoto(IEnumerable<Score> scores)
        => string.Concat(scores
            .Select(score => FormattableString.Invariant($"{score.Photo},{score.Kind},\"{score.Method}\",{score.IoU:0.000000},")
                + FormattableString.Invariant($"{score.BoundaryIoU:0.000000},{score.Mba:0.000000},")
                + FormattableString.Invariant($"{score.PhotoTime:0.00},{score.MaskTime:0.00}\n"))
            .Prepend("photo,kind,method,iou,boundary_iou,mba,ms_photo,ms_mask\n"));

    /// <summary>One line per kind and method: means over photos and their standard errors.</summary>
    public static string Summary(IEnumerable<Score> scores)
        => string.Concat(scores.GroupBy(score => (score.Kind, score.Method)).OrderBy(group => group.Key.Kind, StringComparer.Ordinal)
            .Select(group => FormattableString.Invariant($"{group.Key.Kind},\"{group.Key.Method}\",{group.Count()}")
                + Figure(group.Select(score => score.IoU))
                + Figure(group.Select(score => score.BoundaryIoU))
                + Figure(group.Select(score => score.Mba)) + "\n")
            .Prepend("kind,method,photos,iou,iou_se,boundary_iou,boundary_iou_se,mba,mba_se\n"));

    private static string Figure(IEnumerable<double> values)
    {
        Statistics statistics = Statistics.Of([.. values]);
        return FormattableString.Invariant($",{statistics.Mean:0.000000},{statistics.StandardError:0.000000}");
    }
}
