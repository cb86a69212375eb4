namespace Spn.Training;

/// <summary>How far a training is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean loss of the steps since the last report.</param>
/// <param name="LearningRate">The last step's rate.</param>
/// <param name="GradientNorm">The last step's gradient norm, before clipping.</param>
/// <param name="StepTime">Mean time of a step since the last report, validation left out.</param>
/// <param name="Remaining">What is left at that pace.</param>
/// <param name="Validation">The averaged model's figures, where this step was validated.</param>
public sealed record TrainingProgress(
    int Step, int Steps, double Loss, double LearningRate, double GradientNorm, TimeSpan StepTime, TimeSpan Remaining, ValidationResult? Validation);

/// <summary>Mean figures over the validation images, in 0..1, of the coarse masks and of the refined ones.</summary>
/// <param name="IoU">Intersection over union, refined.</param>
/// <param name="BoundaryAccuracy">mBA, refined.</param>
/// <param name="CoarseIoU">Intersection over union, coarse.</param>
/// <param name="CoarseBoundaryAccuracy">mBA, coarse.</param>
public sealed record ValidationResult(double IoU, double BoundaryAccuracy, double CoarseIoU, double CoarseBoundaryAccuracy);
