namespace Spn.Evaluation.Report;

/// <summary>One refined mask's figures. IoU and mBA lie in 0..1; times are milliseconds, the photo's pass counted once a photo.</summary>
internal sealed record Score(string Photo, string Kind, string Method, double IoU, double Mba, double PhotoTime, double MaskTime);
