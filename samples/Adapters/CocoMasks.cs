using System.Drawing;
using System.Text;
using Spn;

namespace Adapters;

/// <summary>
/// Masks of COCO annotations (https://cocodataset.org/#format-data): polygons, and run lengths as numbers or as text. Runs follow the
/// columns from left to right, each from top to bottom, and begin with the background.
/// </summary>
public static class CocoMasks
{
    /// <summary>The object of <c>"segmentation": [[x1, y1, x2, y2, ...], ...]</c>.</summary>
    public static Mask FromPolygons(IEnumerable<IReadOnlyList<float>> polygons, int width, int height) => Mask.FromPolygons(
        polygons.Select(points => new MaskPolygon(
            [.. Enumerable.Range(0, points.Count / 2).Select(i => new PointF(points[2 * i], points[2 * i + 1]))], [])), width, height);

    /// <summary>The mask of <c>"counts": [...]</c>.</summary>
    /// <exception cref="ArgumentException">A run is negative, or the runs do not fill the mask.</exception>
    public static Mask FromCounts(IReadOnlyList<int> counts, int width, int height)
    {
        if (counts.Any(count => count < 0) || counts.Sum(count => (long)count) != (long)width * height)
            throw new ArgumentException($"Expected runs that fill {width} x {height} pixels.", nameof(counts));
        float[] pixels = new float[width * height];
        int at = 0;
        for (int run = 0; run < counts.Count; run++)
        {
            for (int end = at + counts[run]; at < end; at++)
                pixels[at % height * width + at / height] = run % 2;
        }
        return Mask.Load(MaskInput.FromPixels(pixels.AsMemory(), width, height));
    }

    /// <summary>The runs of a mask at a threshold.</summary>
    public static int[] ToCounts(Mask mask, float threshold = 0.5f)
    {
        List<int> counts = [0];
        bool inside = false;
        for (int at = 0; at < mask.Width * mask.Height; at++)
        {
            if (mask[at / mask.Height, at % mask.Height] >= threshold != inside)
            {
                inside = !inside;
                counts.Add(0);
            }
            counts[^1]++;
        }
        return [.. counts];
    }

    /// <summary>The mask of <c>"counts": "..."</c>.</summary>
    /// <exception cref="ArgumentException">The text is not complete, or its runs do not fill the mask.</exception>
    public static Mask FromText(string text, int width, int height)
    {
        List<int> counts = [];
        for (int at = 0; at < text.Length;)
        {
            int value = 0, shift = 0, group;
            do
            {
                if (at == text.Length || shift > 30 || text[at] is < '0' or > 'o')
                    throw new ArgumentException($"The text is damaged at character {at}.", nameof(text));
                group = text[at++] - '0';
                value |= (group & 0x1F) << shift;
                shift += 5;
            }
            while ((group & 0x20) != 0);
            if ((group & 0x10) != 0 && shift < 32)
                value |= -1 << shift; // the highest bit is the sign
            counts.Add(counts.Count > 2 ? value + counts[^2] : value);
        }
        return FromCounts(counts, width, height);
    }

    /// <summary>
    /// The runs of a mask as text: from the fourth on, their difference from the one before last. Five bits per character, the lowest
    /// first, a sixth bit while more follow, plus 48.
    /// </summary>
    public static string ToText(Mask mask, float threshold = 0.5f)
    {
        StringBuilder text = new();
        int[] counts = ToCounts(mask, threshold);
        for (int i = 0; i < counts.Length; i++)
        {
            int value = i > 2 ? counts[i] - counts[i - 2] : counts[i];
            bool more = true;
            while (more)
            {
                int group = value & 0x1F;
                value >>= 5;
                more = (group & 0x10) != 0 ? value != -1 : value != 0;
                text.Append((char)('0' + (more ? group | 0x20 : group)));
            }
        }
        return text.ToString();
    }
}
