using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>
/// The colours of a scene. Object and background use the same palette, so that a colour alone does not distinguish them. A colour is (red,
/// green, blue) in 0..1.
/// </summary>
internal sealed class Palette
{
    private readonly Vector3[] _colours;

    private Palette(Vector3[] colours) => _colours = colours;

    /// <summary>
    /// A palette like that of photographs: greys, leaves, earth, sky, skin and a few vivid colours; sometimes all of one family.
    /// </summary>
    public static Palette Of(SeededRandom random)
    {
        int family = random.Chance(0.35f) ? random.Below(5) : -1;
        var colours = new Vector3[6];
        foreach (ref Vector3 colour in colours.AsSpan())
            colour = OfFamily(random, family >= 0 && random.Chance(0.8f) ? family : random.Weighted([4, 2.5f, 3, 1.2f, 1, 1]));
        return new(colours);
    }

    /// <summary>A few of these colours, slightly changed and sometimes with a new one, for one material.</summary>
    public Palette Material(SeededRandom random)
    {
        var colours = new Vector3[3];
        foreach (ref Vector3 colour in colours.AsSpan())
            colour = random.Chance(0.15f) ? OfFamily(random, random.Below(6)) : Jitter(random, random.Of<Vector3>(_colours), 0.06f);
        return new(colours);
    }

    /// <summary>The same colours, each slightly changed, so that an object is hard to distinguish from its background.</summary>
    public Palette Similar(SeededRandom random, float difference)
        => new([.. _colours.Select(colour => Jitter(random, colour, difference))]);

    public Vector3 Pick(SeededRandom random) => Jitter(random, random.Of<Vector3>(_colours), 0.03f);

    /// <summary>The colour with an index; indices wrap around.</summary>
    public Vector3 this[int index] => _colours[index % _colours.Length];

    private static Vector3 Jitter(SeededRandom random, Vector3 colour, float amount)
    {
        Vector3 tint = new(random.Normal(), random.Normal(), random.Normal());
        colour = colour * (1 + 1.5f * amount * random.Normal()) + new Vector3(amount * random.Normal()) + 0.4f * amount * tint;
        return Vector3.Clamp(colour, new(0.01f), new(0.99f));
    }

    private static Vector3 OfFamily(SeededRandom random, int family) => family switch
    {
        0 => Hsv(random.Next(), random.Between(0, 0.12f), random.Between(0.06f, 0.95f)),
        1 => Hsv(random.Between(0.14f, 0.36f), random.Between(0.12f, 0.55f), random.Between(0.1f, 0.7f)),
        2 => Hsv(random.Between(0.03f, 0.13f), random.Between(0.15f, 0.65f), random.Between(0.1f, 0.9f)),
        3 => Hsv(random.Between(0.5f, 0.65f), random.Between(0.06f, 0.5f), random.Between(0.3f, 1)),
        4 => Hsv(random.Between(0.02f, 0.1f), random.Between(0.2f, 0.55f), random.Between(0.3f, 0.95f)),
        _ => Hsv(random.Next(), random.Between(0.4f, 0.9f), random.Between(0.2f, 0.95f)),
    };

    private static Vector3 Hsv(float hue, float saturation, float value)
    {
        Vector3 Wave(Vector3 at)
            => Vector3.Clamp(Vector3.Abs(at - Vector3.Truncate(at) - new Vector3(0.5f)) * 6 - Vector3.One, default, Vector3.One);
        return value * Vector3.Lerp(Vector3.One, Wave(new Vector3(hue) + new Vector3(1, 2 / 3f, 1 / 3f)), saturation);
    }
}
