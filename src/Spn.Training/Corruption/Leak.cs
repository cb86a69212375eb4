using System.Numerics;
using Spn.Training.Scenes;

namespace Spn.Training.Corruption;

/// <summary>
/// Masks that follow colours: around a few points of the boundary, pixels with a colour from the other side are assigned to the wrong side.
/// </summary>
internal static class Leak
{
    public static void Apply(CorruptionInput input)
    {
        SeededRandom random = input.Random;
        (Channel mask, LabeledImage image) = (input.Mask, input.Image);
        List<Vector2> border = Border.Points(mask, out List<Vector2> normals);
        int places = random.Count(1, 8);
        float tolerance = random.LogBetween(12, 60), added = random.Of(0, 0.5f, 1);
        for (int i = 0; i < places && border.Count > 0; i++)
        {
            int at = random.Below(border.Count);
            float reach = random.LogBetween(6, 36) * input.Unit, value = random.Chance(added) ? 1 : 0;
            // The mistaken colour is the one slightly beyond the boundary.
            Vector2 centre = border[at], beyond = centre + (value == 1 ? 1 : -1) * Math.Min(3 * input.Unit + 1, reach / 2) * normals[at];
            Vector3 mistaken = ColourAt(image, (int)beyond.X, (int)beyond.Y);
            for (int y = Math.Max(0, (int)(centre.Y - reach)); y <= Math.Min(mask.Height - 1, (int)(centre.Y + reach)); y++)
            {
                Span<float> row = mask.Row(y);
                for (int x = Math.Max(0, (int)(centre.X - reach)); x <= Math.Min(mask.Width - 1, (int)(centre.X + reach)); x++)
                {
                    if (Vector2.DistanceSquared(new(x, y), centre) <= reach * reach
                        && Vector3.DistanceSquared(ColourAt(image, x, y), mistaken) <= tolerance * tolerance)
                        row[x] = value;
                }
            }
        }
    }

    private static Vector3 ColourAt(LabeledImage image, int x, int y)
    {
        int i = 3 * (Math.Clamp(y, 0, image.Height - 1) * image.Width + Math.Clamp(x, 0, image.Width - 1));
        return new(image.Rgb[i], image.Rgb[i + 1], image.Rgb[i + 2]);
    }
}
