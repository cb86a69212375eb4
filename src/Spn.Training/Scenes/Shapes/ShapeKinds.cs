using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>Which shapes there are, and how often objects take them.</summary>
internal static class ShapeKinds
{
    private static readonly (Func<SeededRandom, Shape> Make, float Weight)[] s_solid =
    [
        (Growths.Blob, 2), (Growths.Polygon, 1), (Growths.Cluster, 2.5f), (Things.Holed, 0.7f), (Creatures.Person, 3), (Creatures.Beast, 3.5f),
        (Creatures.Bird, 1.5f), (Creatures.Fish, 0.7f), (Things.Car, 1.5f),
    ];

    private static readonly (Func<SeededRandom, Shape> Make, float Weight)[] s_thin =
    [
        (Growths.Tree, 1.5f), (Growths.Plant, 1), (Growths.Rope, 1), (Things.Bicycle, 2.5f), (Things.Furniture, 1), (Things.Grid, 0.7f),
    ];

    /// <summary>An object's shape.</summary>
    /// <param name="random">Decides which.</param>
    /// <param name="thin">One that is mostly thin parts and gaps.</param>
    public static Shape Of(SeededRandom random, bool thin)
    {
        (Func<SeededRandom, Shape> Make, float Weight)[] kinds = thin ? s_thin : s_solid;
        return kinds[random.Weighted([.. kinds.Select(kind => kind.Weight)])].Make(random);
    }

    /// <summary>Several of one kind, overlapping or apart, as one shape.</summary>
    public static Shape Group(SeededRandom random, Shape shape)
    {
        int count = random.Count(2, 4);
        return new([.. Enumerable.Range(0, count).SelectMany(i => shape.Transformed(
            Matrix3x2.CreateScale(random.Sign() * random.Between(0.4f, 0.7f), random.Between(0.4f, 0.7f))
                * Matrix3x2.CreateTranslation(0.6f * random.Normal(), 0.35f * random.Normal())).Parts)]);
    }
}
