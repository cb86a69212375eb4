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

    private const int Nobody = -1;

    private readonly int[] _winners; // of the pixels
    private readonly int _width;
    private readonly Focus[] _focus;

    /// <param name="classes"><c>[K, H, W]</c>.</param>
    public ClassCompetition(Planes classes)
    {
        _width = classes.Width;
        _winners = Winners(classes);
        _focus = new Focus[classes.Count];
        for (int y = 0; y < classes.Height; y++)
            FindBoundaries(y);
    }

    /// <summary>Refines the classes that win a pixel.</summary>
    /// <param name="classes"><c>[K, H, W]</c>.</param>
    /// <param name="refined">Receives the classes, <c>[K, H, W]</c>; those that win no pixel become 0.</param>
    /// <param name="refine">Refines <c>[K', H, W]</c>; not called if no class wins a pixel.</param>
    public static void KeepWinners(Planes classes, Planes refined, RefineMaps refine)
    {
        bool[] wins = new bool[classes.Count];
        foreach (int winner in Winners(classes))
        {
            if (winner != Nobody)
                wins[winner] = true;
        }
        int[] winners = [.. Enumerable.Range(0, wins.Length).Where(k => wins[k])];
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

    /// <summary>What the pixels that a class wins leave to decide: the rectangle around their boundary.</summary>
    public Focus FocusOf(int k) => _focus[k];

    /// <summary>Makes a mask of the pixels that a class wins in a part of the image: 1 there, otherwise 0.</summary>
    public void CutWon(int k, Part part, Span<float> won)
    {
        int width = part.Columns.Length;
        for (int y = 0; y < part.Rows.Length; y++)
        {
            ReadOnlySpan<int> winners = _winners.AsSpan((part.Rows.Begin + y) * _width + part.Columns.Begin, width);
            Span<float> row = won.Slice(y * width, width);
            for (int x = 0; x < row.Length; x++)
                row[x] = winners[x] == k ? 1 : 0;
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

    /// <summary>The class that wins each pixel. No class wins a pixel of zeros.</summary>
    private static int[] Winners(Planes classes)
    {
        int[] winners = ClassShares.Likeliest(classes);
        ReadOnlySpan<float> all = classes.All;
        for (int pixel = 0; pixel < winners.Length; pixel++)
        {
            if (all[winners[pixel] * winners.Length + pixel] <= 0)
                winners[pixel] = Nobody;
        }
        return winners;
    }

    /// <summary>
    /// If a pixel of a row and its right or lower neighbour have different winners, adds the pixel to the rectangles of both classes.
    /// </summary>
    private void FindBoundaries(int y)
    {
        ReadOnlySpan<int> row = _winners.AsSpan(y * _width, _width);
        ReadOnlySpan<int> below = (y + 1) * _width < _winners.Length ? _winners.AsSpan((y + 1) * _width, _width) : row;
        for (int x = 0; x < row.Length; x++)
        {
            int right = x + 1 < row.Length ? row[x + 1] : row[x];
            if (row[x] == right && row[x] == below[x])
                continue;
            Add(row[x], x);
            Add(row[x] == right ? Nobody : right, x);
            Add(row[x] == below[x] ? Nobody : below[x], x);
        }

        void Add(int k, int x)
        {
            if (k != Nobody)
                _focus[k] = _focus[k].With(new Focus(y, y + 1, x, x + 1));
        }
    }
}
