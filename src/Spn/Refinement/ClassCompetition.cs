using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>How classes that share each pixel compete when a model refines them.</summary>
/// <remarks>
/// A model refines every mask as if it were alone. A class that is quite likely over a whole region, but wins nowhere in it, would grow
/// into an object there. So classes that win no pixel take no part. Every other class is refined twice: from its probabilities, which show
/// how sure the network is of a boundary, and from the pixels that it wins, which a model moves only near their boundary. The result is a
/// weighted mean of the two. The figures are in <c>docs/experiments-real-masks.md</c>.
/// </remarks>
internal static class ClassCompetition
{
    /// <summary>
    /// The weight of the result from the pixels that a class wins. More of it keeps more regions as the network has them, less moves
    /// boundaries farther.
    /// </summary>
    private const float HardShare = 1f / 3;

    /// <param name="classes"><c>[K, H, W]</c>.</param>
    /// <param name="refined">Receives the classes, <c>[K, H, W]</c>; those that win no pixel become 0.</param>
    /// <param name="refine">Refines <c>[K', H, W]</c>; not called if no class wins a pixel.</param>
    public static void Refine(Planes classes, Planes refined, RefineMaps refine)
    {
        int[] likeliest = ClassShares.Likeliest(classes), winners = Winners(classes, likeliest);
        refined.All.Clear();
        if (winners.Length == 0)
            return; // zeros
        using Planes inputs = new(2 * winners.Length, classes.Height, classes.Width);
        using Planes results = new(inputs.Count, inputs.Height, inputs.Width);
        for (int i = 0; i < winners.Length; i++)
        {
            ReadOnlySpan<float> soft = classes[winners[i]];
            Span<float> hard = inputs[winners.Length + i];
            soft.CopyTo(inputs[i]);
            for (int pixel = 0; pixel < hard.Length; pixel++)
                hard[pixel] = likeliest[pixel] == winners[i] && soft[pixel] > 0 ? 1 : 0;
        }
        refine(inputs, results);
        for (int i = 0; i < winners.Length; i++)
        {
            ReadOnlySpan<float> soft = results[i], hard = results[winners.Length + i];
            Span<float> target = refined[winners[i]];
            for (int pixel = 0; pixel < target.Length; pixel++)
                target[pixel] = soft[pixel] + HardShare * (hard[pixel] - soft[pixel]);
        }
    }

    /// <summary>The classes that win a pixel. No class wins a pixel of zeros.</summary>
    private static int[] Winners(Planes classes, int[] likeliest)
    {
        bool[] wins = new bool[classes.Count];
        for (int pixel = 0; pixel < likeliest.Length; pixel++)
        {
            int k = likeliest[pixel];
            wins[k] = wins[k] || classes[k][pixel] > 0;
        }
        return [.. Enumerable.Range(0, wins.Length).Where(k => wins[k])];
    }
}
