using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Dilation and erosion of masks by discs.</summary>
internal static class Morphology
{
    /// <summary>Dilates or erodes the mask by 1-8 u along the whole boundary.</summary>
    public static void Grow(CorruptionInput input)
    {
        float radius = input.Random.Between(1, 8) * input.Unit;
        Dilate(input.Mask, radius, inside: input.Random.Chance(0.5));
    }

    /// <summary>Removes thin parts (opening by 2-8 u), or fills gaps and holes (closing).</summary>
    public static void LoseThinParts(CorruptionInput input)
    {
        float radius = input.Random.LogBetween(2, 8) * input.Unit;
        bool lost = input.Random.Chance(0.65);
        Dilate(input.Mask, radius, inside: !lost);
        Dilate(input.Mask, radius, inside: lost);
    }

    /// <summary>
    /// Dilates (inside is true) or erodes (inside is false) a hard mask: pixels within the radius of the growing side join it.
    /// </summary>
    public static void Dilate(Channel mask, float radius, bool inside)
    {
        int width = mask.Width, height = mask.Height, reach = (int)radius;
        // Each pixel's distance along its row to the growing side is compared with the half-width of each row of the disc.
        using Channel distances = new(width, height);
        for (int y = 0; y < height; y++)
            RowDistances(mask.Row(y), distances.Row(y), inside);
        for (int y = 0; y < height; y++)
        {
            Span<float> row = mask.Row(y);
            row.Fill(1); // becomes 0 near the growing side
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
