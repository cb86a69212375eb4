using SkiaSharp;

namespace Spn.Imaging;

/// <summary>Finds the label that a pixel's colour stands for.</summary>
internal sealed class ColorTable
{
    private readonly Dictionary<uint, int> _indices;
    private readonly Func<string, InputAdvice, Exception> _refuse;
    private uint _lastKey = uint.MaxValue;
    private int _lastIndex;

    /// <param name="colors">The colour of each label.</param>
    /// <param name="refuse">Makes the exception for an unknown colour.</param>
    public ColorTable(IReadOnlyList<SKColor> colors, Func<string, InputAdvice, Exception> refuse)
        => (_indices, _refuse) = (LabelPalette.Indices(colors), refuse);

    /// <summary>The index of an RGBA pixel's colour; alpha is ignored.</summary>
    public int IndexOf(uint rgba)
    {
        uint key = rgba & 0xFFFFFF;
        if (key == _lastKey) // neighbours mostly have the same label
            return _lastIndex;
        if (!_indices.TryGetValue(key, out int index))
        {
            throw _refuse(
                $"holds the colour ({(byte)rgba}, {(byte)(rgba >> 8)}, {(byte)(rgba >> 16)}), which the colour table lacks; "
                + "expected exact colours, without lossy compression or smoothed edges.", InputAdvice.None);
        }
        (_lastKey, _lastIndex) = (key, index);
        return index;
    }
}
