namespace Spn.Evaluation.Classes;

/// <summary>Pixels per true and predicted label. Unlike the library's confusion matrix, it adds up the counts of images.</summary>
internal sealed class LabelCounts
{
    /// <summary>The labels of VOC, background included.</summary>
    public const int Labels = 21;

    private readonly long[] _counts = new long[Labels * Labels];

    public long Pixels => _counts.Sum();

    public void Count(int truth, int label) => _counts[truth * Labels + label]++;

    public void Add(LabelCounts other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }

    /// <summary>The share of pixels with the right label.</summary>
    public double Accuracy => (double)Enumerable.Range(0, Labels).Sum(Right) / Pixels;

    /// <summary>The mean over the true labels of the share of their pixels that have the right label.</summary>
    public double MeanAccuracy => Present.Average(label => (double)Right(label) / True(label));

    /// <summary>The mean intersection over union of the labels that occur in the truth.</summary>
    public double MeanIoU => Present.Average(label => (double)Right(label) / (True(label) + Predicted(label) - Right(label)));

    private IEnumerable<int> Present => Enumerable.Range(0, Labels).Where(label => True(label) > 0);

    private long Right(int label) => _counts[label * Labels + label];

    private long True(int label)
    {
        long sum = 0;
        for (int i = 0; i < Labels; i++)
            sum += _counts[label * Labels + i];
        return sum;
    }

    private long Predicted(int label)
    {
        long sum = 0;
        for (int i = 0; i < Labels; i++)
            sum += _counts[i * Labels + label];
        return sum;
    }
}
