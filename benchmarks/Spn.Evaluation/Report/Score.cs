namespace Spn.Evaluation.Report;

/// <summary>One refined mask's figures. The metrics lie in 0..1; times are milliseconds: the work on the photo alone, and that on the mask.</summary>
internal sealed record Score(string Photo, string Kind, string Method, double IoU, double BoundaryIoU, double Mba, double PhotoTime, double MaskTime);
