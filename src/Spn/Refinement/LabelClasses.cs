using Spn.Imaging;
using TorchSharp;
using static TorchSharp.torch;

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

    /// <summary>
    /// <c>[1, Count, h, w]</c>, with one more map at the end if there is void: 1 if the pixel has the label, otherwise 0.
    /// </summary>
    public Tensor ToMaps()
    {
        int[] all = _void is int label ? [.. _labels, label] : _labels;
        using Tensor map = tensor(_source.Labels.ToArray(), 1, _source.Height, _source.Width), values = tensor(all, all.Length, 1, 1);
        using Tensor equal = map.eq(values), maps = equal.to(float32);
        return maps.unsqueeze(0);
    }

    /// <summary>The maps of the labels, without the map of void.</summary>
    public Tensor WithoutVoid(Tensor maps) => maps.narrow(1, 0, Count);

    /// <summary>The most likely label of each pixel; void if void has at least half of the pixel.</summary>
    /// <param name="refined"><c>[1, Count, H, W]</c>.</param>
    /// <param name="maps">The maps of <see cref="ToMaps"/> at the image's size.</param>
    public LabelMap ToLabelMap(Tensor refined, Tensor maps)
    {
        int width = (int)maps.shape[3], height = (int)maps.shape[2];
        int[] result = new int[width * height];
        if (Count == 0)
        {
            Array.Fill(result, _void!.Value);
            return new LabelMap(width, height, result, _source.Palette, _source.VoidLabel);
        }
        using Tensor likeliest = DeviceMemory.Require("Choosing the labels", maps, maps.device, () => refined.argmax(1)); // the lowest of equals
        using Tensor narrow = likeliest.to(int32), winners = narrow.cpu();
        ReadOnlySpan<int> winner = TensorPixels.SpanOf<int>(winners);
        ReadOnlySpan<float> undecided = _void is not null ? Mask.ToArray(maps.select(1, Count)) : [];
        for (int i = 0; i < result.Length; i++)
            result[i] = _void is int label && undecided[i] >= 0.5f ? label : _labels[winner[i]];
        GC.KeepAlive(winners);
        return new LabelMap(width, height, result, _source.Palette, _source.VoidLabel);
    }
}
