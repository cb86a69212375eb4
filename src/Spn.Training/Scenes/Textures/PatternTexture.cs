using System.Numerics;
using SkiaSharp;

namespace Spn.Training.Scenes;

/// <summary>Textures that are computed per pixel: a pattern, distorted by noise, coloured by a ramp, and unevenly lit.</summary>
internal static class PatternTexture
{
    /// <summary>Paints a random pattern into a region.</summary>
    /// <param name="random">Determines the pattern.</param>
    /// <param name="palette">The colours of the material.</param>
    /// <param name="target">The picture to paint.</param>
    /// <param name="region">The region to paint.</param>
    /// <param name="unit">The unit of length in pixels: 1/256 of the picture's size.</param>
    /// <param name="repeated">Whether to use only repeating patterns.</param>
    /// <param name="horizon">The row of the horizon for a ground; null for a flat texture.</param>
    public static void Paint(
        SeededRandom random, Palette palette, Picture target, SKRectI region, float unit, bool repeated, float? horizon = null)
    {
        float scale = unit * random.LogBetween(5, 90);
        // A tenth of the textures are brushed, like hair, wood, distant grass, or streaks on water.
        Frame frame = new(random, scale, random.Chance(0.15f) ? 5 : 1.6f);
        if (horizon is { } row)
            frame = frame.OnGround(row, target.Height - row);
        using NoiseField noise = new(random, random.Between(0.35f, 0.7f), random.Of(2, 4, 8, 16)),
            light = new(random, random.Between(0.4f, 0.75f), random.Of(2, 4, 8));
        Ramp ramp = new(random, palette, random.Between(0.15f, 1));
        Bend bend = new(light, random.Chance(0.6f) ? random.Between(0, 0.5f) : 0,
            random.Chance(0.8f) ? 0.12f * random.Next() * random.Next() + 0.01f : 0,
            random.Chance(0.4f) ? random.Between(0.1f, 0.6f) : 0, random.LogBetween(2, 16), random.Direction());
        switch (repeated ? 2 + random.Below(5) : random.Weighted([1, 4, 1.2f, 0.6f, 0.8f, 0.9f, 1]))
        {
            case 0:
                var gradient = new GradientPattern(random.LogBetween(1, 20), frame.At(target.Width / 2f, target.Height / 2f));
                Paint(gradient, ramp, bend, frame, target, region);
                break;
            case 1:
                Paint(new CloudPattern(noise, random.Weighted([4, 1, 1]), random.Between(0.5f, 1.4f)), ramp, bend, frame, target, region);
                break;
            case 2:
                Paint(new StripePattern(random.LogBetween(0.3f, 6), random.Between(-0.6f, 0.6f)), ramp, bend, frame, target, region);
                break;
            case 3:
                Paint(new CheckPattern(random.Chance(0.5f)), ramp, bend, frame, target, region);
                break;
            case 4:
                Paint(new SpotPattern(noise, random.LogBetween(2, 20), random.Between(0.1f, 0.4f)), ramp, bend, frame, target, region);
                break;
            case 5:
                Paint(new BrickPattern(noise, random.LogBetween(0.5f, 4), random.Between(0.02f, 0.12f), random.Of(0, 0.5f, 0.37f),
                    random.Between(0, 0.25f)), ramp, bend, frame, target, region);
                break;
            default:
                Paint(new CellPattern(noise, random.Between(0.02f, 0.4f), random.Between(0, 0.25f)), ramp, bend, frame, target, region);
                break;
        }
    }

    /// <summary>Water below a horizon.</summary>
    public static void PaintWater(SeededRandom random, Palette palette, Picture target, SKRectI region, float unit, float horizon)
    {
        Frame frame = new Frame(random.Fork("place"), unit * random.LogBetween(10, 40), 1.01f).OnGround(horizon, target.Height - horizon);
        using NoiseField noise = new(random, random.Between(0.45f, 0.6f), 8);
        Paint(new RipplePattern(noise, random.Chance(0.5f) ? random.Next() : 0), new Ramp(random, palette, random.Between(0.2f, 0.8f)),
            new Bend(noise, 0, 0.02f, 0, 0, default), frame, target, region);
    }

    /// <summary>Sky: a smooth gradient down to the horizon, with or without clouds.</summary>
    public static void PaintSky(SeededRandom random, Palette palette, Picture target, SKRectI region, float unit)
    {
        Vector3 top = palette.Pick(random), low = Vector3.Lerp(top, new(random.Between(0.6f, 1)), random.Between(0.2f, 0.9f)),
            cloud = new(random.Between(0.6f, 1));
        using NoiseField noise = new(random, random.Between(0.4f, 0.6f), 4);
        float clouds = random.Chance(0.5f) ? random.Next() : 0;
        float scale = 1 / (unit * random.Between(1, 3));
        float threshold = random.Between(-0.5f, 1);
        for (int y = region.Top; y < region.Bottom; y++)
        {
            Vector3 clear = Vector3.Lerp(top, low, (float)y / target.Height);
            Span<float> red = target.Red.Row(y), green = target.Green.Row(y), blue = target.Blue.Row(y);
            for (int x = region.Left; x < region.Right; x++)
            {
                float cover = clouds == 0 ? 0 : clouds * Math.Clamp((noise.At(x * scale, 2 * y * scale) - threshold) * 0.7f, 0, 1);
                Vector3 colour = Vector3.Lerp(clear, cloud, cover);
                (red[x], green[x], blue[x]) = (colour.X, colour.Y, colour.Z);
            }
        }
    }

    private static void Paint<T>(T pattern, Ramp ramp, Bend bend, Frame frame, Picture target, SKRectI region) where T : struct, IPattern
    {
        for (int y = region.Top; y < region.Bottom; y++)
        {
            Span<float> red = target.Red.Row(y), green = target.Green.Row(y), blue = target.Blue.Row(y);
            for (int x = region.Left; x < region.Right; x++)
            {
                Vector2 at = frame.At(x, y);
                float light = 1;
                if (bend.Light > 0)
                    light += bend.Light * bend.Noise.At(x + 31, y);
                if (bend.Relief > 0)
                {
                    Vector2 height = bend.ReliefScale * at, lit = height + bend.Sun;
                    light += Math.Clamp(bend.Relief * (bend.Noise.At(height.X, height.Y) - bend.Noise.At(lit.X, lit.Y)), -0.6f, 0.9f);
                }
                if (bend.Amount > 0)
                    at += new Vector2(
                        bend.Amount * bend.Noise.At(8 * at.X, 8 * at.Y), bend.Amount * bend.Noise.At(8 * at.X + 128, 8 * at.Y + 64));
                Vector3 colour = light * ramp[pattern.At(at)];
                (red[x], green[x], blue[x]) = (colour.X, colour.Y, colour.Z);
            }
        }
    }

    /// <summary>
    /// Noise that distorts a pattern, varies its light and roughens it, like folds, wrinkles or bark, lit from the sun's side.
    /// </summary>
    private readonly record struct Bend(NoiseField Noise, float Amount, float Light, float Relief, float ReliefScale, Vector2 Sun);
}
