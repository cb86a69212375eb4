using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Models the confidence of a mask's source: hard or soft, overconfident or never certain.</summary>
internal static class Confidence
{
    /// <summary>The last step for every mask. The resulting values are in 0..1.</summary>
    /// <param name="random">Determines the result.</param>
    /// <param name="mask">The mask, which is changed in place.</param>
    /// <param name="soft">Whether the mask imitates a network's output.</param>
    /// <param name="exact">Whether the mask is the true one; then at most its antialiased border is made hard.</param>
    public static void Finish(SeededRandom random, Channel mask, bool soft, bool exact)
    {
        bool hard = random.Chance(exact ? 0.5 : soft ? 0.15 : 0.75), miscalibrated = !exact && random.Chance(soft ? 0.3 : 0.1);
        float threshold = soft && random.Chance(0.4) ? random.Between(0.3f, 0.7f) : 0.5f;
        float gain = random.LogBetween(0.4f, 3), bias = 0.5f * random.Normal(), low = random.Chance(0.5) ? random.Between(0, 0.12f) : 0,
            high = random.Chance(0.5) ? random.Between(0.85f, 1) : 1;
        foreach (ref float value in mask.Values)
        {
            value = Math.Clamp(value, 0, 1);
            if (hard)
                value = value >= threshold ? 1 : 0;
            if (miscalibrated)
            {
                float logit = gain * MathF.Log((value + 1e-3f) / (1 - value + 1e-3f)) + bias;
                value = low + (high - low) / (1 + MathF.Exp(-logit));
            }
        }
    }
}
