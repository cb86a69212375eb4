namespace Spn.Evaluation.Report;

/// <summary>Every figure, one line a photo, kind and method.</summary>
internal static class CsvReport
{
    public static string Of(IEnumerable<Score> scores)
        => string.Concat(scores.Select(score => FormattableString.Invariant(
            $"{score.Photo},{score.Kind},\"{score.Method.Trim('*')}\",{score.IoU:0.000000},{score.Mba:0.000000},{score.PhotoTime:0.00},{score.MaskTime:0.00}\n")).Prepend("photo,kind,method,iou,mba,ms_photo,ms_mask\n"));
}
