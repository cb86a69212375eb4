namespace Spn.Training.Samples;

/// <summary>Random changes of light and camera: exposure, colour cast, contrast, gamma, saturation, and sensor noise.</summary>
internal static class ColourChange
{
    private const float Untouched = 0.2f, Grey = 0.05f, Noisy = 0.3f, MaxNoise = 0.04f;

    /// <summary>Changes an image <c>[3, H, W]</c> in 0..1 in place. The result is in 0..1.</summary>
    public static void Apply(Span<float> rgb, SeededRandom random)
    {
        if (random.Chance(Untouched))
            return;
        int plane = rgb.Length / 3;
        Span<float> red = rgb[..plane], green = rgb.Slice(plane, plane), blue = rgb[(2 * plane)..];
        float gain = random.LogBetween(0.7f, 1.4f), contrast = random.LogBetween(0.75f, 1.35f), gamma = random.LogBetween(0.75f, 1.35f);
        float saturation = random.Chance(Grey) ? 0 : random.Between(0.6f, 1.4f), shift = random.Between(-0.08f, 0.08f);
        float castRed = random.LogBetween(0.87f, 1.15f), castBlue = random.LogBetween(0.87f, 1.15f);
        float noise = random.Chance(Noisy) ? random.Next() * MaxNoise : 0;
        for (int i = 0; i < plane; i++)
        {
            float r = red[i] * gain * castRed, g = green[i] * gain, b = blue[i] * gain * castBlue;
            float grey = 0.299f * r + 0.587f * g + 0.114f * b;
            red[i] = Tone(grey + (r - grey) * saturation);
            green[i] = Tone(grey + (g - grey) * saturation);
            blue[i] = Tone(grey + (b - grey) * saturation);
        }
        if (noise > 0)
        {
            for (int i = 0; i < rgb.Length; i++)
                rgb[i] = Math.Clamp(rgb[i] + noise * random.Normal(), 0, 1);
        }

        float Tone(float value)
        {
            value = Math.Clamp((value - 0.5f) * contrast + 0.5f + shift, 0, 1);
            return value <= 0 ? 0 : MathF.Pow(value, gamma);
        }
    }
}
