using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>A pattern: a value of about 0..1 at every point of a texture whose unit is one period.</summary>
internal interface IPattern
{
    float At(Vector2 at);
}

/// <summary>A gradual change along one direction.</summary>
internal readonly struct GradientPattern(float length, Vector2 origin) : IPattern
{
    public float At(Vector2 at) => 0.5f + 0.5f * MathF.Sin((at.X - origin.X) / length);
}

/// <summary>Fractal noise, unchanged, with creases (its absolute value), or as veins. A unit is 16 cells of the noise.</summary>
internal readonly struct CloudPattern(NoiseField noise, int kind, float gain) : IPattern
{
    public float At(Vector2 at)
    {
        float value = noise.At(16 * at.X, 16 * at.Y);
        return kind switch
        {
            0 => 0.5f + 0.28f * gain * value,
            1 => 1 - gain * 0.6f * MathF.Abs(value),
            _ => 0.5f + 0.5f * MathF.Sin(3 * gain * value + 2 * at.X),
        };
    }
}

/// <summary>Bands, smooth or with sharp edges.</summary>
internal readonly struct StripePattern(float sharpness, float share) : IPattern
{
    public float At(Vector2 at) => Math.Clamp(0.5f + sharpness * (MathF.Sin(MathF.Tau * at.X) - share), 0, 1);
}

/// <summary>Squares, or crossed bands as in a plaid.</summary>
internal readonly struct CheckPattern(bool plaid) : IPattern
{
    public float At(Vector2 at)
    {
        int column = (int)MathF.Floor(2 * at.X) & 1, row = (int)MathF.Floor(2 * at.Y) & 1;
        return plaid ? 0.5f * (column + row) : column ^ row;
    }
}

/// <summary>Discs of different sizes, one in most cells of a grid.</summary>
internal readonly struct SpotPattern(NoiseField noise, float sharpness, float size) : IPattern
{
    public float At(Vector2 at)
    {
        int column = (int)MathF.Floor(at.X), row = (int)MathF.Floor(at.Y);
        float shiftX = 0.15f * noise.Cell(3 * column, 3 * row), shiftY = 0.15f * noise.Cell(3 * column + 1, 3 * row);
        float radius = size * (1 + 0.4f * noise.Cell(3 * column + 2, 3 * row));
        Vector2 away = at - new Vector2(column + 0.5f + Math.Clamp(shiftX, -0.2f, 0.2f), row + 0.5f + Math.Clamp(shiftY, -0.2f, 0.2f));
        return Math.Clamp(0.5f + sharpness * (radius - away.Length()), 0, 1);
    }
}

/// <summary>Bricks, tiles, planks or windows: rectangles of different tones, with joints.</summary>
internal readonly struct BrickPattern(NoiseField noise, float width, float joint, float offset, float variety) : IPattern
{
    public float At(Vector2 at)
    {
        float row = MathF.Floor(at.Y), x = at.X / width + offset * row, column = MathF.Floor(x);
        float edge = Math.Min(Math.Min(x - column, column + 1 - x) * width, Math.Min(at.Y - row, row + 1 - at.Y));
        float tone = 0.6f + variety * noise.Cell(5 * (int)column, 7 * (int)row);
        return edge < joint ? 0.05f : tone;
    }
}

/// <summary>Stones, scales or cracked earth: Voronoi cells of different tones with dark borders.</summary>
internal readonly struct CellPattern(NoiseField noise, float joint, float variety) : IPattern
{
    public float At(Vector2 at)
    {
        int column = (int)MathF.Floor(at.X), row = (int)MathF.Floor(at.Y);
        float nearest = 9, second = 9, tone = 0;
        for (int y = row - 1; y <= row + 1; y++)
        {
            for (int x = column - 1; x <= column + 1; x++)
            {
                float px = x + 0.5f + 0.22f * noise.Cell(3 * x, 3 * y) - at.X, py = y + 0.5f + 0.22f * noise.Cell(3 * x + 1, 3 * y) - at.Y;
                float distance = px * px + py * py;
                if (distance < nearest)
                    (second, nearest, tone) = (nearest, distance, noise.Cell(3 * x + 2, 3 * y));
                else if (distance < second)
                    second = distance;
            }
        }
        float edge = MathF.Sqrt(second) - MathF.Sqrt(nearest);
        return (0.6f + variety * tone) * Math.Min(1, 0.3f + edge / joint);
    }
}

/// <summary>Waves on water: crests, distorted by noise and broken into glints.</summary>
internal readonly struct RipplePattern(NoiseField noise, float glints) : IPattern
{
    public float At(Vector2 at)
    {
        float bend = noise.At(9 * at.X, 24 * at.Y), fine = noise.At(40 * at.X + 77, 130 * at.Y);
        float wave = 0.5f + 0.25f * MathF.Sin(MathF.Tau * at.Y + 2.2f * bend) + 0.12f * fine;
        return wave + glints * Math.Max(0, fine + bend - 2);
    }
}
