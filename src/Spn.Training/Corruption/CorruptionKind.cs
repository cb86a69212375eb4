using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>The input of a corruption.</summary>
/// <param name="Mask">The mask in 0..1, which is changed in place.</param>
/// <param name="Image">The image to which it belongs.</param>
/// <param name="Random">Determines the strength and the position.</param>
/// <param name="Unit">The unit of length u in pixels: 1 for a photo of 512 x 512.</param>
internal readonly record struct CorruptionInput(Channel Mask, LabeledImage Image, SeededRandom Random, float Unit);

/// <summary>One kind of error in coarse masks.</summary>
/// <param name="Name">Identifies it for the random numbers and the tests.</param>
/// <param name="Weight">The relative frequency.</param>
/// <param name="IsSoft">Whether the result is meant to contain values between 0 and 1.</param>
/// <param name="Apply">Changes the mask.</param>
internal sealed record CorruptionKind(string Name, float Weight, bool IsSoft, Action<CorruptionInput> Apply)
{
    private const float Two = 0.38f;

    /// <summary>All kinds, in the order in which two of them are applied: changes of the shape first, effects of a network last.</summary>
    public static IReadOnlyList<CorruptionKind> All { get; } =
    [
        new("leak", 0.8f, false, Leak.Apply),
        new("parts", 1, false, BoundaryErrors.Pieces),
        new("thin parts", 0.8f, false, Morphology.LoseThinParts),
        new("shift", 2, false, Displacement.Shift),
        new("warp", 1, false, Displacement.Warp),
        new("grow", 2, false, Morphology.Grow),
        new("bumps", 1.7f, false, BoundaryErrors.Bumps),
        new("polygon", 1.7f, false, Polygons.Apply),
        new("specks", 1.2f, false, BoundaryErrors.Specks),
        new("uncertainty", 3, true, Uncertainty.Apply),
        new("blur", 0.8f, true, Networks.Blurred),
        new("network", 4.5f, true, Networks.Soft),
        new("blocks", 0.6f, false, Networks.Blocks),
    ];

    /// <summary>Picks the corruptions of a mask: none for an exact mask, otherwise one or two.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="exact">The probability of an exact mask.</param>
    public static IReadOnlyList<CorruptionKind> Pick(SeededRandom random, double exact)
    {
        if (random.Chance(exact))
            return [];
        float[] weights = [.. All.Select(kind => kind.Weight)];
        int first = random.Weighted(weights);
        if (!random.Chance(Two))
            return [All[first]];
        weights[first] = 0;
        int second = random.Weighted(weights);
        return [All[Math.Min(first, second)], All[Math.Max(first, second)]];
    }
}
