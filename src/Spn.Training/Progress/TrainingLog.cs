using System.Globalization;
using Spn.Shared;

namespace Spn.Training.Progress;

/// <summary>
/// Logs a training to a CSV file and plots its loss curve. On resuming, the lines that a stopped run logged after its last checkpoint are
/// dropped.
/// </summary>
internal sealed class TrainingLog
{
    private const string Header = "step,loss,learning_rate,gradient_norm,step_ms,iou,mba,coarse_iou,coarse_mba";

    private readonly string _path;
    private readonly List<string> _lines = [];

    /// <param name="folder">The folder for log.csv and loss.png.</param>
    /// <param name="step">The step from which the training continues; later lines are dropped.</param>
    public TrainingLog(string folder, int step)
    {
        _path = Path.Combine(folder, "log.csv");
        if (step > 0 && File.Exists(_path))
            _lines.AddRange(File.ReadLines(_path).Skip(1).Where(line => Number(line, 0) <= step));
    }

    public void Add(TrainingProgress p)
    {
        ValidationResult? v = p.Validation;
        _lines.Add(string.Create(CultureInfo.InvariantCulture,
            $"{p.Step},{p.Loss:G9},{p.LearningRate:G6},{p.GradientNorm:G6},{p.StepTime.TotalMilliseconds:F1}," +
            $"{v?.IoU:F6},{v?.BoundaryAccuracy:F6},{v?.CoarseIoU:F6},{v?.CoarseBoundaryAccuracy:F6}"));
        AtomicFile.Write(_path, string.Join('\n', _lines.Prepend(Header)) + "\n");
        LossCurve.Save(
            Path.ChangeExtension(_path, null)[..^3] + "loss.png", [.. _lines.Select(line => (Number(line, 0), Number(line, 1)))]);
    }

    private static double Number(string line, int field)
        => double.TryParse(line.Split(',')[field], CultureInfo.InvariantCulture, out double number) ? number : double.PositiveInfinity;
}
