using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Hair along the border of an object, from a dense short coat to a few long strands.</summary>
internal static class Fur
{
    private const int Tones = 3, MaxHairs = 2400;

    /// <summary>Adds the hair to a layer.</summary>
    /// <param name="random">Determines length, density and direction.</param>
    /// <param name="layer">The object.</param>
    /// <param name="texture">The source of the hair colours.</param>
    /// <param name="setting">The scene.</param>
    public static void Add(SeededRandom random, Layer layer, Picture texture, Setting setting)
    {
        bool dense = random.Chance(0.75f);
        float length = setting.Unit * (dense ? random.LogBetween(2.5f, 10) : random.LogBetween(8, 35)),
            width = dense ? random.Between(0.7f, 1.6f) : random.Between(0.4f, 1.1f);
        float density = dense ? random.Between(0.5f, 1.4f) : random.Between(0.03f, 0.25f), wild = random.Between(0.1f, 0.5f),
            combed = random.Between(0, 1.2f), bend = random.Between(0, 0.5f);
        Vector2 comb = random.Direction();
        List<Vector2> border = Border.Points(layer.Alpha, out List<Vector2> normals);
        if (border.Count == 0)
            return;
        // Thin parts get short hair, so that it does not hide them.
        float area = 0;
        foreach (float value in layer.Alpha.Values)
            area += value;
        length = Math.Min(length, 1.2f * area / border.Count);
        int hairs = (int)Math.Min(MaxHairs, density * border.Count);
        var tones = new List<Vector2[]>[Tones];
        for (int tone = 0; tone < Tones; tone++)
            tones[tone] = [];
        for (int i = 0; i < hairs; i++)
        {
            int at = random.Below(border.Count);
            Vector2 along = normals[at] + combed * comb + wild * new Vector2(random.Normal(), random.Normal());
            if (Vector2.Dot(along, normals[at]) < 0.2f)
                along += (0.4f - Vector2.Dot(along, normals[at])) * normals[at];
            along = Vector2.Normalize(along) * length * random.Between(0.5f, 1.3f);
            tones[random.Below(Tones)].Add(Outlines.Hair(border[at] - 0.35f * along, along, width, bend * random.Normal()));
        }
        using Channel coverage = new(layer.Alpha.Width, layer.Alpha.Height);
        float contrast = random.Between(0.05f, 0.35f);
        for (int tone = 0; tone < Tones; tone++)
            layer.Add(coverage, Coverage.Draw(coverage, tones[tone]), texture, new(1 + contrast * (tone - 1), default, default));
    }
}
