namespace Spn.Metrics;

/// <summary>
/// Counts how often each true label was predicted as each label, over any number of images. It yields the usual metrics of semantic
/// segmentation (pixel accuracy, mean accuracy, mean IoU) and of face parsing (F-scores).
/// </summary>
/// <remarks>
/// n[t, p] is the number of pixels with true label t and predicted label p; T[t] = Σ n[t, ·] and P[p] = Σ n[·, p]. Pixels whose true label
/// is void (<see cref="LabelMap.VoidLabel"/>) are not counted. A pixel that is predicted as void although its true label is not is an
/// error: it counts in T but in no P. A metric is NaN if it is undefined (0 / 0). Concurrent reads are safe; adding is not thread-safe.
/// </remarks>
public sealed class ConfusionMatrix
{
    private readonly int _classes;
    private readonly long[] _counts; // one row per true label; the last column counts void

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="classes">The number of labels, 1..255. Labels are 0..classes - 1, including the background.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, LabelMap.Void);
        (_classes, _counts) = (classes, new long[classes * (classes + 1)]);
    }

    /// <summary>The number of labels.</summary>
    public int Classes => _classes;

    /// <summary>Σ T[t]: the number of counted pixels.</summary>
    public long Pixels => _counts.Sum();

    /// <summary>n[t, p]: the number of pixels with a given true label and a given predicted label.</summary>
    /// <param name="truth">The true label t, 0..classes - 1.</param>
    /// <param name="label">The predicted label p, 0..classes - 1, or <see cref="LabelMap.Void"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A label is out of range.</exception>
    public long this[int truth, int label]
        => _counts[Row(truth, nameof(truth)) + (label == LabelMap.Void ? _classes : Label(label, nameof(label)))];

    /// <summary>Overall pixel accuracy: Σ n[t, t] / Σ T[t].</summary>
    public double PixelAccuracy => (double)All.Sum(Right) / Pixels;

    /// <summary>Mean accuracy: the mean of n[t, t] / T[t] over the labels that occur in the ground truth.</summary>
    public double MeanAccuracy => Mean(Accuracy);

    /// <summary>
    /// Mean IoU (mIoU): the mean of n[t, t] / (T[t] + P[t] - n[t, t]) over the labels that occur in the ground truth or in the predictions.
    /// </summary>
    public double MeanIoU => Mean(IoU);

    private IEnumerable<int> All => Enumerable.Range(0, _classes);

    /// <summary>Adds the pixels of an image.</summary>
    /// <param name="labels">The predicted labels: 0..classes - 1, or void.</param>
    /// <param name="truth">The true labels: 0..classes - 1, or void, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ or a label is out of range. Nothing was counted.</exception>
    public void Add(LabelMap labels, LabelMap truth)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(truth);
        if (labels.Width != truth.Width || labels.Height != truth.Height)
        {
            throw new ArgumentException(
                $"labels is {labels.Width} x {labels.Height}, but truth is {truth.Width} x {truth.Height}.", nameof(labels));
        }
        RequireKnown(labels, nameof(labels));
        RequireKnown(truth, nameof(truth));
        ReadOnlySpan<int> given = labels.Labels, wanted = truth.Labels;
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] != truth.VoidLabel)
                _counts[wanted[i] * (_classes + 1) + (given[i] == labels.VoidLabel ? _classes : given[i])]++;
        }
    }

    /// <summary>Adds the counts of another matrix.</summary>
    /// <param name="other">A matrix with as many labels.</param>
    /// <exception cref="ArgumentException">The number of labels differs.</exception>
    public void Add(ConfusionMatrix other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._classes != _classes)
            throw new ArgumentException($"The other matrix has {other._classes} labels, expected {_classes}.", nameof(other));
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    /// <summary>A label's accuracy (recall): n[t, t] / T[t].</summary>
    /// <param name="label">The label t, 0..classes - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The label is out of range.</exception>
    public double Accuracy(int label) => (double)Right(Label(label, nameof(label))) / True(label);

    /// <summary>A label's intersection over union: n[t, t] / (T[t] + P[t] - n[t, t]).</summary>
    /// <inheritdoc cref="Accuracy"/>
    public double IoU(int label) => (double)Right(Label(label, nameof(label))) / (True(label) + Given(label) - Right(label));

    /// <summary>A label's F-score (F1, Dice): 2·n[t, t] / (T[t] + P[t]).</summary>
    /// <inheritdoc cref="Accuracy"/>
    public double FScore(int label) => 2.0 * Right(Label(label, nameof(label))) / (True(label) + Given(label));

    /// <summary>
    /// The overall F-score of several labels: 2·Σ n[t, t] / Σ (T[t] + P[t]). A confusion between two of the labels is an error.
    /// </summary>
    /// <remarks>
    /// Face parsing on Helen (Smith et al., CVPR 2013; the table of Liu et al., NIPS 2017) uses the brows, eyes, nose and parts of the
    /// mouth, without skin, hair and background.
    /// </remarks>
    /// <param name="labels">At least one label, each 0..classes - 1 and given once.</param>
    /// <exception cref="ArgumentException">There are no labels, a label is given twice, or a label is out of range.</exception>
    public double OverallFScore(params ReadOnlySpan<int> labels)
    {
        int[] group = Group(labels);
        return 2.0 * group.Sum(Right) / group.Sum(label => True(label) + Given(label));
    }

    /// <summary>
    /// The F-score of the union of several labels, which ignores confusions between them. For example, Helen's mouth is the union of the
    /// upper lip, the inner mouth and the lower lip.
    /// </summary>
    /// <inheritdoc cref="OverallFScore"/>
    public double FScoreOfUnion(params ReadOnlySpan<int> labels)
    {
        int[] group = Group(labels);
        return 2.0 * group.Sum(truth => group.Sum(label => this[truth, label])) / group.Sum(label => True(label) + Given(label));
    }

    private long Right(int label) => this[label, label];

    private long True(int label) => _counts.AsSpan(Row(label, nameof(label)), _classes + 1).ToArray().Sum();

    private long Given(int label) => All.Sum(truth => this[truth, label]);

    private double Mean(Func<int, double> figure)
        => All.Select(figure).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    private int Row(int truth, string argument) => Label(truth, argument) * (_classes + 1);

    private int Label(int label, string argument)
        => label >= 0 && label < _classes
            ? label
            : throw new ArgumentOutOfRangeException(argument, label, $"{argument} is {label}; expected 0..{_classes - 1}.");

    private int[] Group(ReadOnlySpan<int> labels)
    {
        int[] group = labels.ToArray();
        if (group.Length == 0 || group.Distinct().Count() != group.Length || group.Any(label => label < 0 || label >= _classes))
        {
            string given = string.Join(", ", group);
            throw new ArgumentException(
                $"labels are [{given}]; expected at least one label of 0..{_classes - 1}, each given once.", nameof(labels));
        }
        return group;
    }

    private void RequireKnown(LabelMap map, string argument)
    {
        foreach (int label in map.Labels)
        {
            if (label != map.VoidLabel && label >= _classes)
            {
                throw new ArgumentException(
                    $"{argument} contains label {label}; expected 0..{_classes - 1} or the void label {map.VoidLabel}.", argument);
            }
        }
    }
}
