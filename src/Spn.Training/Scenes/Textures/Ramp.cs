using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>A colour map of 256 entries for the values 0..1 of a pattern.</summary>
internal sealed class Ramp
{
    private readonly Vector3[] _colours = new Vector3[256];

    /// <param name="random">Determines the kind: shades of one colour, as on a lit rough surface, or two or three colours.</param>
    /// <param name="palette">The colours of the material.</param>
    /// <param name="contrast">The distance of the ends, 0..1.</param>
    public Ramp(SeededRandom random, Palette palette, float contrast)
    {
        Vector3 first = palette.Pick(random), second = palette.Pick(random), third = palette.Pick(random);
        int kind = random.Weighted([5, 3, 2]);
        if (kind == 0)
            (second, third) = (first * (1 + 0.7f * contrast), Vector3.Lerp(first * (1 - 0.75f * contrast), second, 0.1f * random.Next()));
        else
            (second, third) = (Vector3.Lerp(first, second, contrast), Vector3.Lerp(first, third, contrast));
        (Vector3 low, Vector3 middle, Vector3 high) = kind switch
        {
            0 => (third, first, second),
            1 => (first, (first + second) / 2, second),
            _ => (first, second, third),
        };
        float steps = random.Chance(0.2f) ? random.Count(2, 5) : 0; // flat areas with edges between them
        for (int i = 0; i < _colours.Length; i++)
        {
            float at = i / 255f;
            if (steps > 0)
                at = Stepped(at * steps, 12 / steps) / steps;
            _colours[i] = at < 0.5f ? Vector3.Lerp(low, middle, 2 * at) : Vector3.Lerp(middle, high, 2 * at - 1);
        }
    }

    /// <summary>The colour at a position in 0..1; other positions are clamped.</summary>
    public Vector3 this[float at] => _colours[(int)Math.Clamp(at * 255, 0, 255)];

    private static float Stepped(float at, float steepness)
    {
        float whole = MathF.Floor(at);
        return whole + Math.Clamp((at - whole - 0.5f) * steepness + 0.5f, 0, 1);
    }
}
