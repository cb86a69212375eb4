using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Masks dilated or eroded by discs.</summary>
internal static class Morphology
{
    /// <summary>A generous or a mean tool: 1-8 u more or less all around.</summary>
    public static void Grow(CoarseInput input)
    {
        float radius = input.Random.Between(1, 8) * input.Unit;
        Dilate(input.Mask, radius, inside: input.Random.Chance(0.5));
    }

    /// <summary>Thin parts lost (opened by 2-8 u) or gaps and holes filled (closed).</summary>
    public static void LoseThinParts(CoarseInput input)
    {
        float radius = input.Random.LogBetween(2, 8) * input.Unit;
        bool lost = input.Random.Chance(0.65);
        Dilate(input.Mask, radius, inside: !lost);
        Dilate(input.Mask, radius, inside: lost);
    }

    /// <summary>Hard masks: what is nearer to the inside (or outside) than a radius becomes inside (or outside).</summary>
    public static void Dilate(Channel mask, float radius, bool inside)
    {
        int width = mask.Width, height = mask.Height, reach = (int)radius;
        // How far each pixel is from the growing side within its row; the disc's rows then say how far is near enough.
        using Channel distances = new(width, height);
        for (int y = 0; y < height; y++)
            RowDistances(mask.Row(y), distances.Row(y), inside);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = mask.Row(y);
            row.Fill(1); // 0 where something of the growing side is near
            for (int dy = Math.Max(-reach, -y); dy <= Math.Min(reach, height - 1 - y); dy++)
            {
                float near = MathF.Sqrt(radius * radius - dy * dy);
                ReadOnlySpan<float> from = distances.Row(y + dy);
                int x = 0;
                for (Vector<float> limit = new(near); x <= width - Vector<float>.Count; x += Vector<float>.Count)
                {
                    Vector<float> far = Vector.GreaterThan(new Vector<float>(from[x..]), limit).As<int, float>();
                    (new Vector<float>(row[x..]) & far).CopyTo(row[x..]);
                }
                for (; x < width; x++)
                    row[x] = from[x] <= near ? 0 : row[x];
            }
            for (int x = 0; inside && x < width; x++)
                row[x] = 1 - row[x];
        }
    }

    private static void RowDistances(ReadOnlySpan<float> mask, Span<float> distances, bool inside)
    {
        float distance = float.MaxValue;
        for (int x = 0; x < mask.Length; x++)
            distances[x] = distance = mask[x] >= 0.5f == inside ? 0 : distance + 1;
        distance = float.MaxValue;
        for (int x = mask.Length - 1; x >= 0; x--)
        {
            distance = Math.Min(distance + 1, distances[x]);
            distances[x] = distance;
        }
    }
}
