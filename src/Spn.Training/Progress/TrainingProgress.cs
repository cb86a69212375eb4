namespace Spn.Training;

/// <summary>The progress of a training.</summary>
/// <param name="Step">The number of completed steps.</param>
/// <param name="Steps">The total number of steps.</param>
/// <param name="Loss">The mean loss of the steps since the last report.</param>
/// <param name="LearningRate">The learning rate of the last step.</param>
/// <param name="GradientNorm">The norm of the last step's gradient before clipping.</param>
/// <param name="StepTime">The mean time per step since the last report, without validation.</param>
/// <param name="Remaining">The estimated remaining time, without validation.</param>
/// <param name="Validation">The metrics of the averaged model if this step was validated; otherwise null.</param>
public sealed record TrainingProgress(
    int Step, int Steps, double Loss, double LearningRate, double GradientNorm, TimeSpan StepTime, TimeSpan Remaining,
    ValidationResult? Validation);

/// <summary>Mean metrics of the refined and the coarse masks over the validation images, in 0..1.</summary>
/// <param name="IoU">The intersection over union of the refined masks.</param>
/// <param name="BoundaryAccuracy">The mean boundary accuracy (mBA) of the refined masks.</param>
/// <param name="CoarseIoU">The intersection over union of the coarse masks.</param>
/// <param name="CoarseBoundaryAccuracy">The mean boundary accuracy (mBA) of the coarse masks.</param>
public sealed record ValidationResult(double IoU, double BoundaryAccuracy, double CoarseIoU, double CoarseBoundaryAccuracy);
