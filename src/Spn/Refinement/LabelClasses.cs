using Spn.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>A label map as one probability map a label, and back.</summary>
internal sealed class LabelClasses
{
    private readonly LabelMap _source;
    private readonly int[] _labels;
    private readonly bool _hasVoid;

    public LabelClasses(LabelMap source)
    {
        _source = source;
        SortedSet<int> present = [];
        int last = -1;
        foreach (int label in source.Labels)
        {
            if (label != last)
                present.Add(last = label);
        }
        _hasVoid = present.Remove(LabelMap.Void);
        _labels = [.. present];
    }

    /// <summary>The number of labels besides void.</summary>
    public int Count => _labels.Length;

    /// <summary><c>[1, Count, h, w]</c> (one more, the last, where there is void): 1 where the pixel has the label, else 0.</summary>
    public Tensor ToMaps()
    {
        int[] all = _hasVoid ? [.. _labels, LabelMap.Void] : _labels;
        using Tensor map = tensor(_source.Labels.ToArray(), 1, _source.Height, _source.Width), values = tensor(all, all.Length, 1, 1);
        using Tensor equal = map.eq(values), maps = equal.to(float32);
        return maps.unsqueeze(0);
    }

    /// <summary>The maps of labels alone, without void's.</summary>
    public Tensor WithoutVoid(Tensor maps) => maps.narrow(1, 0, Count);

    /// <summary>The likeliest label of each pixel; void where void holds at least half of the pixel.</summary>
    /// <param name="refined"><c>[1, Count, H, W]</c>.</param>
    /// <param name="maps">What <see cref="ToMaps"/> gave, at the image's size.</param>
    public LabelMap ToLabelMap(Tensor refined, Tensor maps)
    {
        int width = (int)maps.shape[3], height = (int)maps.shape[2];
        int[] result = new int[width * height];
        if (Count == 0)
        {
            Array.Fill(result, LabelMap.Void);
            return new LabelMap(width, height, result, _source.Palette);
        }
        using Tensor likeliest = DeviceMemory.Require("The likeliest label", maps, maps.device, () => refined.argmax(1)); // of equals the lowest
        using Tensor narrow = likeliest.to(int32), winners = narrow.cpu();
        ReadOnlySpan<int> winner = winners.Span<int>();
        ReadOnlySpan<float> undecided = _hasVoid ? Mask.ToArray(maps.select(1, Count)) : [];
        for (int i = 0; i < result.Length; i++)
            result[i] = _hasVoid && undecided[i] >= 0.5f ? LabelMap.Void : _labels[winner[i]];
        GC.KeepAlive(winners);
        return new LabelMap(width, height, result, _source.Palette);
    }
}
