namespace Spn.Evaluation.Report;

/// <summary>The results of one refined mask. Metrics are in 0..1, times in milliseconds: for the photo alone, and for the mask.</summary>
internal sealed record Score(
    string Photo, string Kind, string Method, double IoU, double BoundaryIoU, double Mba, double PhotoTime, double MaskTime);
