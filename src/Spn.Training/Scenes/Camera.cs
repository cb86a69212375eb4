using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Simulates the effects of lens, sensor and processing on a scene that was painted sharp and clean.</summary>
internal static class Camera
{
    /// <summary>Applies haze and colours, lens, sensor and processing, in the order of a real camera.</summary>
    /// <param name="random">The scene's random numbers.</param>
    /// <param name="picture">The scene, which is changed in place.</param>
    /// <param name="options">The probabilities of the effects.</param>
    public static void Capture(SeededRandom random, Picture picture, SceneOptions options)
    {
        Fade(random.Fork("saturation"), picture);
        Expose(random.Fork("exposure"), picture, options);
        Focus(random.Fork("lens"), picture, options);
        Soften(random.Fork("softness"), picture, options);
        AddNoise(random.Fork("noise"), picture, options);
    }

    /// <summary>Reduces the saturation to that of typical photographs.</summary>
    private static void Fade(SeededRandom random, Picture picture)
    {
        float saturation = random.Between(0.4f, 1);
        Span<float> red = picture.Red.Values, green = picture.Green.Values, blue = picture.Blue.Values;
        for (int i = 0; i < red.Length; i++)
        {
            float grey = (1 - saturation) * (0.3f * red[i] + 0.6f * green[i] + 0.1f * blue[i]);
            (red[i], green[i], blue[i]) = (grey + saturation * red[i], grey + saturation * green[i], grey + saturation * blue[i]);
        }
    }

    /// <summary>Imperfect automatic exposure and contrast, haze, white balance, gamma, and vignetting.</summary>
    private static void Expose(SeededRandom random, Picture picture, SceneOptions options)
    {
        bool hazy = random.Chance(options.LowContrast);
        float haze = hazy ? random.Between(0.3f, 0.8f) : random.Between(0, 0.08f), hazeLevel = random.Between(0.05f, 0.9f);
        (float mean, float deviation) = Brightness(picture);
        float exposure = Math.Clamp(MathF.Pow(random.Between(0.25f, 0.62f) / mean, 0.85f), 0.4f, 4);
        float contrast = Math.Clamp(MathF.Pow(random.Between(0.13f, 0.28f) / (exposure * deviation), 0.7f), 0.7f, 2.2f);
        float gamma = MathF.Exp(0.12f * random.Normal()), vignette = random.Chance(0.4f) ? random.Between(0, 0.45f) : 0;
        Vector3 balance = new(1 + 0.06f * random.Normal(), 1, 1 + 0.06f * random.Normal());
        float curve = random.Between(-0.2f, 0.5f); // towards the S-curve of film

        Span<float> table = stackalloc float[1025];
        for (int i = 0; i < table.Length; i++)
        {
            float value = MathF.Pow(i / 1024f, gamma);
            table[i] = value + curve * (value * value * (3 - 2 * value) - value);
        }
        float middleX = picture.Width / 2f, middleY = picture.Height / 2f, corner = middleX * middleX + middleY * middleY;
        for (int c = 0; c < 3; c++)
        {
            Channel channel = picture.Channels[c];
            float gain = exposure * balance[c], middle = exposure * mean;
            for (int y = 0; y < channel.Height; y++)
            {
                Span<float> row = channel.Row(y);
                for (int x = 0; x < row.Length; x++)
                {
                    float away = ((x - middleX) * (x - middleX) + (y - middleY) * (y - middleY)) / corner;
                    float value = middle + contrast * (gain * row[x] - middle);
                    value = (1 - vignette * away) * (value + haze * (hazeLevel - value));
                    row[x] = table[(int)(1024 * Math.Clamp(value, 0, 1))];
                }
            }
        }
    }

    /// <summary>Mean and standard deviation of a sample of the pixels.</summary>
    private static (float Mean, float Deviation) Brightness(Picture picture)
    {
        Span<float> values = picture.Green.Values;
        float sum = 0, squares = 0, count = 0;
        for (int i = 0; i < values.Length; i += 7, count++)
            (sum, squares) = (sum + values[i], squares + values[i] * values[i]);
        float mean = Math.Max(0.02f, sum / count);
        return (mean, MathF.Sqrt(Math.Max(4e-4f, squares / count - mean * mean)));
    }

    /// <summary>Colour fringes, blur of the lens, and a moving or defocused camera.</summary>
    private static void Focus(SeededRandom random, Picture picture, SceneOptions options)
    {
        if (random.Chance(options.ChromaticAberration))
        {
            Magnify(picture.Red, 1 + random.Between(-0.004f, 0.004f));
            Magnify(picture.Blue, 1 + random.Between(-0.004f, 0.004f));
        }
        Blur.Gaussian(picture, random.LogBetween(0.35f, 0.95f));
    }

    /// <summary>Resampling, which loses detail, then sharpening with its halos.</summary>
    private static void Soften(SeededRandom random, Picture picture, SceneOptions options)
    {
        bool soft = random.Chance(options.Softness), sharp = random.Chance(options.Sharpening);
        float scale = random.Between(0.45f, 0.85f), amount = random.Between(0.3f, 1.2f), radius = random.Between(0.8f, 2);
        foreach (Channel channel in picture.Channels)
        {
            if (soft)
                Resample(channel, scale);
            if (sharp)
                Sharpen(channel, amount, radius);
        }
    }

    /// <summary>Noise that increases with the signal; a part of it is coarse and coloured.</summary>
    private static void AddNoise(SeededRandom random, Picture picture, SceneOptions options)
    {
        if (!random.Chance(options.Noise))
            return;
        float level = random.LogBetween(0.003f, 0.04f), coloured = random.Next() * random.Next(),
            grain = random.Chance(0.4f) ? random.Between(0.4f, 1) : 0;
        using Channel shared = Normal(random, picture, grain);
        foreach (Channel channel in picture.Channels)
        {
            using Channel own = Normal(random, picture, grain + random.Next());
            Span<float> values = channel.Values, common = shared.Values, single = own.Values;
            for (int i = 0; i < values.Length; i++)
                values[i] += level * (0.5f + MathF.Sqrt(Math.Max(0, values[i])))
                    * ((1 - 0.5f * coloured) * common[i] + coloured * single[i]);
        }
    }

    private static Channel Normal(SeededRandom random, Picture picture, float blur)
    {
        Channel noise = new(picture.Width, picture.Height);
        foreach (ref float value in noise.Values)
            value = random.Normal();
        Blur.Gaussian(noise, blur);
        float gain = 1 + 2.5f * blur * blur; // compensates for the variance lost in the blur
        foreach (ref float value in noise.Values)
            value *= Math.Min(gain, 3);
        return noise;
    }

    private static void Magnify(Channel channel, float factor)
    {
        using Channel source = new(channel.Width, channel.Height);
        channel.CopyTo(source);
        float middleX = channel.Width / 2f, middleY = channel.Height / 2f;
        for (int y = 0; y < channel.Height; y++)
        {
            Span<float> row = channel.Row(y);
            for (int x = 0; x < row.Length; x++)
                row[x] = source.At(middleX + (x - middleX) * factor, middleY + (y - middleY) * factor);
        }
    }

    private static void Resample(Channel channel, float scale)
    {
        int width = Math.Max(1, (int)(channel.Width * scale)), height = Math.Max(1, (int)(channel.Height * scale));
        using Channel small = new(width, height);
        float across = (float)channel.Width / width, down = (float)channel.Height / height;
        for (int y = 0; y < height; y++)
        {
            Span<float> row = small.Row(y);
            for (int x = 0; x < width; x++)
                row[x] = channel.At((x + 0.5f) * across - 0.5f, (y + 0.5f) * down - 0.5f);
        }
        for (int y = 0; y < channel.Height; y++)
        {
            Span<float> row = channel.Row(y);
            for (int x = 0; x < row.Length; x++)
                row[x] = small.At((x + 0.5f) / across - 0.5f, (y + 0.5f) / down - 0.5f);
        }
    }

    private static void Sharpen(Channel channel, float amount, float radius)
    {
        using Channel soft = new(channel.Width, channel.Height);
        channel.CopyTo(soft);
        Blur.Gaussian(soft, radius);
        Span<float> values = channel.Values, blurred = soft.Values;
        for (int i = 0; i < values.Length; i++)
            values[i] += amount * (values[i] - blurred[i]);
    }
}
