using Spn.Imaging;

namespace Spn.Refinement;

/// <summary>How classes that share each pixel compete when a model refines them.</summary>
/// <remarks>
/// A model refines every mask as if it were alone. A class that is quite likely over a whole region, but wins nowhere in it, would grow
/// into an object there. So classes that win no pixel take no part. Every other class is refined twice: from its probabilities, which show
/// how sure the network is of a boundary, and from the pixels that it wins, which a model moves only near their boundary. The result is a
/// weighted mean of the two. The figures are in <c>docs/experiments-real-masks.md</c>.
/// </remarks>
internal sealed class ClassCompetition
{
    /// <summary>
    /// The weight of the result from the pixels that a class wins. More of it keeps more regions as the network has them, less moves
    /// boundaries farther.
    /// </summary>
    private const float HardShare = 1f / 3;

    private readonly Planes _classes;
    private readonly int[] _likeliest;

    /// <param name="classes"><c>[K, H, W]</c>, which must outlive this.</param>
    public ClassCompetition(Planes classes) => (_classes, _likeliest) = (classes, ClassShares.Likeliest(classes));

    /// <summary>Refines the classes that win a pixel.</summary>
    /// <param name="classes"><c>[K, H, W]</c>.</param>
    /// <param name="refined">Receives the classes, <c>[K, H, W]</c>; those that win no pixel become 0.</param>
    /// <param name="refine">Refines <c>[K', H, W]</c>; not called if no class wins a pixel.</param>
    public static void KeepWinners(Planes classes, Planes refined, RefineMaps refine)
    {
        int[] winners = Winners(classes, ClassShares.Likeliest(classes));
        if (winners.Length == classes.Count)
        {
            refine(classes, refined);
            return;
        }
        refined.All.Clear();
        if (winners.Length == 0)
            return;
        using Planes some = new(winners.Length, classes.Height, classes.Width), result = new(winners.Length, classes.Height, classes.Width);
        for (int i = 0; i < winners.Length; i++)
            classes[winners[i]].CopyTo(some[i]);
        refine(some, result);
        for (int i = 0; i < winners.Length; i++)
            result[i].CopyTo(refined[winners[i]]);
    }

    /// <summary>What the pixels that a class wins leave to decide.</summary>
    public Focus FocusOf(int k)
    {
        using Planes won = new(1, _classes.Height, _classes.Width);
        CutWon(k, Part.All(won), won[0]);
        return Focus.Of(won[0], won.Width);
    }

    /// <summary>Makes a mask of the pixels that a class wins in a part of the image: 1 there, otherwise 0.</summary>
    public void CutWon(int k, Part part, Span<float> won)
    {
        int width = part.Columns.Length;
        for (int y = 0; y < part.Rows.Length; y++)
        {
            int begin = (part.Rows.Begin + y) * _classes.Width + part.Columns.Begin;
            ReadOnlySpan<int> likeliest = _likeliest.AsSpan(begin, width);
            ReadOnlySpan<float> probability = _classes[k].Slice(begin, width);
            Span<float> row = won.Slice(y * width, width);
            for (int x = 0; x < row.Length; x++)
                row[x] = likeliest[x] == k && probability[x] > 0 ? 1 : 0;
        }
    }

    /// <summary>The weighted mean of a class's two results.</summary>
    /// <param name="soft">The result from its probabilities; receives the mean.</param>
    /// <param name="hard">The result from the pixels that it wins.</param>
    public static void Mix(Span<float> soft, ReadOnlySpan<float> hard)
    {
        for (int i = 0; i < soft.Length; i++)
            soft[i] += HardShare * (hard[i] - soft[i]);
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
