using System.Numerics;

namespace Spn.Training.Scenes;

/// <summary>The kinds of shapes and their frequencies.</summary>
internal static class ShapeKinds
{
    private static readonly (Func<SeededRandom, Shape> Make, float Weight)[] s_solid =
    [
        (NaturalShapes.Blob, 2), (NaturalShapes.Polygon, 1), (NaturalShapes.Cluster, 2.5f), (ManMadeShapes.Holed, 0.7f),
        (Creatures.Person, 3), (Creatures.Beast, 3.5f),
        (Creatures.Bird, 1.5f), (Creatures.Fish, 0.7f), (ManMadeShapes.Car, 1.5f),
    ];

    private static readonly (Func<SeededRandom, Shape> Make, float Weight)[] s_thin =
    [
        (NaturalShapes.Tree, 1.5f), (NaturalShapes.Plant, 1), (NaturalShapes.Rope, 1), (ManMadeShapes.Bicycle, 2.5f),
        (ManMadeShapes.Furniture, 1), (ManMadeShapes.Grid, 0.7f),
    ];

    /// <summary>The shape of an object.</summary>
    /// <param name="random">Determines the kind.</param>
    /// <param name="thin">Whether the shape consists mostly of thin parts and gaps.</param>
    public static Shape Of(SeededRandom random, bool thin)
    {
        (Func<SeededRandom, Shape> Make, float Weight)[] kinds = thin ? s_thin : s_solid;
        return kinds[random.Weighted([.. kinds.Select(kind => kind.Weight)])].Make(random);
    }

    /// <summary>Several objects of one kind, overlapping or apart, as one shape.</summary>
    public static Shape Group(SeededRandom random, Shape shape)
    {
        int count = random.Count(2, 4);
        return new([.. Enumerable.Range(0, count).SelectMany(i => shape.Transformed(
            Matrix3x2.CreateScale(random.Sign() * random.Between(0.4f, 0.7f), random.Between(0.4f, 0.7f))
                * Matrix3x2.CreateTranslation(0.6f * random.Normal(), 0.35f * random.Normal())).Parts)]);
    }
}
