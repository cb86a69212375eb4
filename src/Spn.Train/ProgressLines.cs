using System.Globalization;
using Spn.Training;

namespace Spn.Train;

/// <summary>Prints each report immediately, in order.</summary>
internal sealed class ProgressLines : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value)
    {
        ValidationResult? result = value.Validation;
        string figures = result is null ? "" : FormattableString.Invariant(
            $"   IoU {100 * result.CoarseIoU:F2} -> {100 * result.IoU:F2}, ")
            + FormattableString.Invariant($"mBA {100 * result.CoarseBoundaryAccuracy:F2} -> {100 * result.BoundaryAccuracy:F2}");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{value.Step,7}/{value.Steps}   loss {value.Loss:F4}   rate {value.LearningRate:E1}   gradient {value.GradientNorm:F2}   "
            + $"{value.StepTime.TotalMilliseconds:F0} ms/step   {value.Remaining:hh\\:mm\\:ss} left{figures}"));
    }
}
