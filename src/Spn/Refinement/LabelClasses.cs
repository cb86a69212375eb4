using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>Converts a label map to one probability map per label, and back.</summary>
internal sealed class LabelClasses
{
    private readonly LabelMap _source;
    private readonly int[] _labels;
    private readonly int? _void;

    public LabelClasses(LabelMap source)
    {
        _source = source;
        SortedSet<int> present = [];
        int last = -1;
        foreach (int value in source.Labels)
        {
            if (value != last)
                present.Add(last = value);
        }
        _void = source.VoidLabel is int label && present.Remove(label) ? label : null;
        _labels = [.. present];
    }

    /// <summary>The number of labels besides void.</summary>
    public int Count => _labels.Length;

    /// <summary>The share of each label in each pixel of the image.</summary>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <returns><c>[Count, height, width]</c>.</returns>
    public Planes ToMaps(int width, int height)
    {
        Planes maps = new(Count, height, width);
        for (int i = 0; i < Count; i++)
            ReadShare(_labels[i], width, height, maps[i]);
        return maps;
    }

    /// <summary>The most likely label of each pixel; void if void has at least half of the pixel.</summary>
    /// <param name="refined"><c>[Count, H, W]</c>.</param>
    public LabelMap ToLabelMap(Planes refined)
    {
        (int width, int height) = (refined.Width, refined.Height);
        int[] result = Count == 0 ? new int[refined.Pixels] : ClassShares.Likeliest(refined);
        for (int i = 0; Count > 0 && i < result.Length; i++)
            result[i] = _labels[result[i]];
        if (_void is int label)
        {
            using Planes undecided = new(1, height, width);
            ReadShare(label, width, height, undecided.All);
            ReadOnlySpan<float> share = undecided.All;
            for (int i = 0; i < result.Length; i++)
            {
                if (share[i] >= 0.5f || Count == 0)
                    result[i] = label;
            }
        }
        return new LabelMap(width, height, result, _source.Palette, _source.VoidLabel);
    }

    private void ReadShare(int label, int width, int height, Span<float> share)
    {
        float[] line = new float[_source.Width];
        if (_source.Width == width && _source.Height == height)
        {
            for (int i = 0; i < share.Length; i++)
                share[i] = _source.Labels[i] == label ? 1 : 0;
            return;
        }
        PlaneResize.Resample(Line, _source.Width, _source.Height, new(0, 0, _source.Width, _source.Height), share, width, height);

        ReadOnlySpan<float> Line(int y)
        {
            ReadOnlySpan<int> labels = _source.Labels.Slice(y * line.Length, line.Length);
            for (int x = 0; x < line.Length; x++)
                line[x] = labels[x] == label ? 1 : 0;
            return line;
        }
    }
}
