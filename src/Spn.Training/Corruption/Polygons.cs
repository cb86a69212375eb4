using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>Masks as annotators click them: few corners and straight lines.</summary>
internal static class Polygons
{
    /// <summary>Every contour simplified (Douglas-Peucker) to 2-9 u, corners off by up to 1.5 u. Parts too small for a triangle stay as they are.</summary>
    public static void Apply(CoarseInput input)
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
