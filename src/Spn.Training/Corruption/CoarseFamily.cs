using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>What a family of errors works on.</summary>
/// <param name="Mask">The mask, 0..1, changed in place.</param>
/// <param name="Image">The image that it belongs to.</param>
/// <param name="Random">Decides strength and place.</param>
/// <param name="Unit">Pixels that make a length of 1 in a photo of 512 x 512: every length is given in it.</param>
internal readonly record struct CoarseInput(Channel Mask, LabeledImage Image, SeededRandom Random, float Unit);

/// <summary>One way in which masks are wrong.</summary>
/// <param name="Name">For the random numbers and the tests.</param>
/// <param name="Weight">How often it is picked.</param>
/// <param name="IsSoft">Whether its result is meant to have values between 0 and 1.</param>
/// <param name="Apply">Changes the mask.</param>
internal sealed record CoarseFamily(string Name, float Weight, bool IsSoft, Action<CoarseInput> Apply)
{
    private const float Exact = 0.2f, Two = 0.38f;

    /// <summary>In the order in which two of them are applied: shapes first, what a network makes of them last.</summary>
    public static IReadOnlyList<CoarseFamily> All { get; } =
    [
        new("leak", 0.8f, false, Leak.Apply),
        new("parts", 1, false, Parts.Apply),
        new("thin parts", 0.8f, false, Morphology.LoseThinParts),
        new("shift", 2, false, Displacement.Shift),
        new("warp", 1, false, Displacement.Warp),
        new("grow", 1.7f, false, Morphology.Grow),
        new("bumps", 1.7f, false, Parts.Bumps),
        new("polygon", 1.7f, false, Polygons.Apply),
        new("blur", 0.8f, true, Networks.Blurred),
        new("network", 3.2f, true, Networks.Soft),
        new("blocks", 0.6f, false, Networks.Blocks),
    ];

    /// <summary>None for an exact mask, else one or two.</summary>
    public static IReadOnlyList<CoarseFamily> Pick(SeededRandom random)
    {
        if (random.Chance(Exact))
            return [];
        float[] weights = [.. All.Select(family => family.Weight)];
        int first = random.Weighted(weights);
        if (!random.Chance(Two))
            return [All[first]];
        weights[first] = 0;
        int second = random.Weighted(weights);
        return [All[Math.Min(first, second)], All[Math.Max(first, second)]];
    }
}
