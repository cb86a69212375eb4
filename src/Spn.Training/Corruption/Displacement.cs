using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Displaced masks. Pixels from beyond the image's border repeat the border.</summary>
internal static class Displacement
{
    /// <summary>
    /// Moves the mask by 1-10 u and sometimes rotates it by up to 4° and scales it by up to 5 % about the object's centre.
    /// </summary>
    public static void Shift(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        Vector2 move = random.Between(1, 10) * input.Unit * random.Direction();
        var turn = Matrix3x2.CreateTranslation(-Middle(input.Mask));
        if (random.Chance(0.35))
            turn *= Matrix3x2.CreateRotation(random.Between(-0.07f, 0.07f))
                * Matrix3x2.CreateScale(random.Between(0.95f, 1.05f), random.Between(0.95f, 1.05f));
        turn *= Matrix3x2.CreateTranslation(Middle(input.Mask) + move);
        Resample(input.Mask, new Turned(turn));
    }

    /// <summary>Warps the mask: every position moves by 1-8 u, smoothly over 16-80 u.</summary>
    public static void Warp(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        using NoiseField noise = new(random, 0.3f, 4); // the coarsest structures are 64 cells wide
        float amount = 0.5f * random.LogBetween(1, 8) * input.Unit, scale = 64 / (random.LogBetween(16, 80) * input.Unit);
        Resample(input.Mask, new Bent(noise, amount, scale));
    }

    private static Vector2 Middle(Channel mask)
    {
        float sum = 0, sumX = 0, sumY = 0;
        for (int y = 0; y < mask.Height; y += 4)
        {
            ReadOnlySpan<float> row = mask.Row(y);
            for (int x = 0; x < row.Length; x += 4)
                (sum, sumX, sumY) = (sum + row[x], sumX + row[x] * x, sumY + row[x] * y);
        }
        return sum > 0 ? new(sumX / sum, sumY / sum) : new(mask.Width / 2f, mask.Height / 2f);
    }

    private static void Resample<T>(Channel mask, T from) where T : struct, IPlace
    {
        using Channel source = new(mask.Width, mask.Height);
        mask.CopyTo(source);
        for (int y = 0; y < mask.Height; y++)
        {
            Span<float> row = mask.Row(y);
            for (int x = 0; x < row.Length; x++)
            {
                Vector2 at = from.At(x, y);
                row[x] = source.At(at.X, at.Y);
            }
        }
    }

    /// <summary>Maps a pixel to its source position in the true mask.</summary>
    private interface IPlace
    {
        Vector2 At(float x, float y);
    }

    private readonly record struct Turned(Matrix3x2 Turn) : IPlace
    {
        public Vector2 At(float x, float y) => Vector2.Transform(new(x, y), Turn);
    }

    private readonly record struct Bent(NoiseField Noise, float Amount, float Scale) : IPlace
    {
        public Vector2 At(float x, float y)
            => new(x + Amount * Noise.At(x * Scale, y * Scale), y + Amount * Noise.At(x * Scale + 128, y * Scale + 77));
    }
}
