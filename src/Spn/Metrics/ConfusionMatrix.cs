namespace Spn.Metrics;

/// <summary>
/// How often each true label was given which label, counted over any number of images: the source of the tables of semantic segmentation (pixel
/// accuracy, mean accuracy, mean IoU) and of face parsing (F-scores).
/// </summary>
/// <remarks>
/// With n[t, p] pixels of true label t that were given p, T[t] = Σ n[t, ·] and P[p] = Σ n[·, p]. Pixels whose truth is void (255) are not counted;
/// a pixel given void where the truth is not is wrong: it is in T but in no P. A figure is NaN where nothing defines it, 0 / 0. Reading is safe from
/// several threads at once, <see cref="Add"/> is not.
/// </remarks>
public sealed class ConfusionMatrix
{
    private readonly int _classes;
    private readonly long[] _counts; // a row a true label; its last column counts void

    /// <summary>Makes an empty matrix.</summary>
    /// <param name="classes">Labels are 0..classes - 1, background among them; 1..255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside its range.</exception>
    public ConfusionMatrix(int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(classes, LabelMap.Void);
        (_classes, _counts) = (classes, new long[classes * (classes + 1)]);
    }

    /// <summary>The number of labels.</summary>
    public int Classes => _classes;

    /// <summary>n[t, p]: pixels of a true label that were given a label.</summary>
    /// <param name="truth">t, 0..classes - 1.</param>
    /// <param name="label">p, 0..classes - 1, or <see cref="LabelMap.Void"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public long this[int truth, int label]
        => _counts[Row(truth, nameof(truth)) + (label == LabelMap.Void ? _classes : Label(label, nameof(label)))];

    /// <summary>Overall pixel accuracy: Σ n[t, t] / Σ T[t].</summary>
    public double PixelAccuracy => (double)All.Sum(Right) / All.Sum(True);

    /// <summary>Mean accuracy: the mean of n[t, t] / T[t] over the labels that occur in the truth.</summary>
    public double MeanAccuracy => Mean(Accuracy);

    /// <summary>Mean IoU (mIoU): the mean of n[t, t] / (T[t] + P[t] - n[t, t]) over the labels that occur in the truth or were given.</summary>
    public double MeanIoU => Mean(IoU);

    private IEnumerable<int> All => Enumerable.Range(0, _classes);

    /// <summary>Counts an image.</summary>
    /// <param name="labels">The labels to judge: 0..classes - 1, or void.</param>
    /// <param name="truth">The true labels: the same, of the same size.</param>
    /// <exception cref="ArgumentException">The sizes differ or there is another label; nothing was counted.</exception>
    public void Add(LabelMap labels, LabelMap truth)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(truth);
        if (labels.Width != truth.Width || labels.Height != truth.Height)
            throw new ArgumentException($"labels is {labels.Width} x {labels.Height}, but truth is {truth.Width} x {truth.Height}.", nameof(labels));
        RequireKnown(labels, nameof(labels));
        RequireKnown(truth, nameof(truth));
        ReadOnlySpan<int> given = labels.Labels, wanted = truth.Labels;
        for (int i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] != truth.VoidLabel)
                _counts[wanted[i] * (_classes + 1) + (given[i] == labels.VoidLabel ? _classes : given[i])]++;
        }
    }

    /// <summary>A label's accuracy (recall): n[t, t] / T[t].</summary>
    /// <param name="label">t, 0..classes - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such label.</exception>
    public double Accuracy(int label) => (double)Right(Label(label, nameof(label))) / True(label);

    /// <summary>A label's intersection over union: n[t, t] / (T[t] + P[t] - n[t, t]).</summary>
    /// <inheritdoc cref="Accuracy"/>
    public double IoU(int label) => (double)Right(Label(label, nameof(label))) / (True(label) + Given(label) - Right(label));

    /// <summary>A label's F-score (F1, Dice): 2·n[t, t] / (T[t] + P[t]).</summary>
    /// <inheritdoc cref="Accuracy"/>
    public double FScore(int label) => 2.0 * Right(Label(label, nameof(label))) / (True(label) + Given(label));

    /// <summary>The overall F-score of several labels: 2·Σ n[t, t] / Σ (T[t] + P[t]); every label must be met by itself.</summary>
    /// <remarks>
    /// Face parsing on Helen (Smith et al., CVPR 2013; the table of Liu et al., NIPS 2017) takes brows, eyes, nose and the parts of the mouth, without
    /// skin, hair and background.
    /// </remarks>
    /// <param name="labels">Different labels, 0..classes - 1; at least one.</param>
    /// <exception cref="ArgumentException">There is none, one twice, or one out of range.</exception>
    public double OverallFScore(params ReadOnlySpan<int> labels)
    {
        int[] group = Group(labels);
        return 2.0 * group.Sum(Right) / group.Sum(label => True(label) + Given(label));
    }

    /// <summary>
    /// The F-score of several labels taken as one, so that it does not matter if one of them is taken for another: Helen's mouth is the upper lip,
    /// the inner mouth and the lower lip.
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

    private double Mean(Func<int, double> figure) => All.Select(figure).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    private int Row(int truth, string argument) => Label(truth, argument) * (_classes + 1);

    private int Label(int label, string argument)
        => label >= 0 && label < _classes ? label : throw new ArgumentOutOfRangeException(argument, label, $"{argument} is {label}; expected 0..{_classes - 1}.");

    private int[] Group(ReadOnlySpan<int> labels)
    {
        int[] group = labels.ToArray();
        if (group.Length == 0 || group.Distinct().Count() != group.Length || group.Any(label => label < 0 || label >= _classes))
            throw new ArgumentException($"labels are [{string.Join(", ", group)}]; expected different ones of 0..{_classes - 1}, at least one.", nameof(labels));
        return group;
    }

    private void RequireKnown(LabelMap map, string argument)
    {
        foreach (int label in map.Labels)
        {
            if (label != map.VoidLabel && label >= _classes)
                throw new ArgumentException($"{argument} holds label {label}; expected 0..{_classes - 1} or the void label {map.VoidLabel}.", argument);
        }
    }
}
