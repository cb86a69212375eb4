using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Masks like annotators' polygons: few corners and straight lines.</summary>
internal static class Polygons
{
    /// <summary>
    /// Simplifies every contour (Douglas-Peucker) with a tolerance of 2-9 u and displaces the corners with a deviation of up to 1.5 u.
    /// Contours too small for a triangle stay unchanged.
    /// </summary>
    public static void Apply(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        float tolerance = random.Between(2, 9) * input.Unit, clumsy = random.Chance(0.5) ? random.Between(0, 1.5f) * input.Unit : 0;
        List<Vector2[]> polygons = [];
        foreach (Vector2[] contour in Contours.Of(input.Mask))
        {
            Vector2[] simple = Contours.Simplified(contour, tolerance);
            polygons.Add(simple.Length < 3 ? contour : Array.ConvertAll(simple, corner =>
                corner + clumsy * new Vector2(random.Normal(), random.Normal())));
        }
        input.Mask.Values.Clear();
        Coverage.Draw(input.Mask, polygons, evenOdd: true);
    }
}
