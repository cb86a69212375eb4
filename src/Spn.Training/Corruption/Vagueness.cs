using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Masks of a source that hardly knows the object: values around 0.5 with more noise than signal.</summary>
internal static class Vagueness
{
    /// <summary>
    /// Averages over cells of 2-14 u, reduces the contrast to 0.1-0.4, adds noise of ± 0.1-0.3 to each cell, and enlarges bilinearly.
    /// </summary>
    public static void Apply(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        float size = Math.Max(1, random.LogBetween(2, 14) * input.Unit);
        using Channel cells = Networks.Cells(input.Mask, size);
        Blur.Gaussian(cells, random.Between(2, 30) * input.Unit / size);
        float contrast = random.Between(0.1f, 0.4f), noise = random.Between(0.1f, 0.3f), middle = random.Between(0.35f, 0.6f);
        foreach (ref float value in cells.Values)
            value = Math.Clamp(middle + contrast * (value - 0.5f) + random.Between(-noise, noise), 0, 1);
        Networks.Enlarge(cells, input.Mask);
    }
}
