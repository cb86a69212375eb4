using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Refinement;

namespace Spn.Video;

/// <summary>
/// Where the blocks of a frame were in the previous frame, by hierarchical block matching: a full search at a quarter of the size,
/// corrected at half and at full size. One node per 16 x 16 pixels; blocks overlap.
/// </summary>
internal sealed class BlockMotion
{
    /// <summary>The distance of nodes in pixels of the frame.</summary>
    public const int Grid = 16;

    /// <summary>The maximum motion per frame along each axis, in pixels.</summary>
    public const int MaxMotion = Reach << (GreyPyramid.Scales - 1);

    /// <summary>The side of a block at every scale, in pixels of that scale.</summary>
    private const int Block = 16;

    /// <summary>The range of the full search, in pixels of the smallest scale.</summary>
    private const int Reach = 6;

    /// <summary>The mean difference that one more pixel of motion must save in the full search: without structure nothing moves.</summary>
    private const float Reluctance = 0.0005f;

    private readonly GreyPyramid _before, _now;
    private readonly int _left, _top, _columns, _rows;

    private BlockMotion(GreyPyramid before, GreyPyramid now, Focus part)
    {
        (_before, _now, _left, _top) = (before, now, part.Left, part.Top);
        (_columns, _rows) = (part.Width / Grid + 1, part.Height / Grid + 1);
        (X, Y, Difference) = (new float[_columns * _rows], new float[_columns * _rows], new float[_columns * _rows]);
    }

    /// <summary>For each node the column of the same content in the previous frame, minus its own.</summary>
    public float[] X { get; }

    /// <summary>For each node the row of the same content in the previous frame, minus its own.</summary>
    public float[] Y { get; }

    /// <summary>For each node the mean difference of brightness between the blocks, 0..1.</summary>
    public float[] Difference { get; }

    /// <summary>Compares two frames of one size.</summary>
    /// <param name="before">The previous frame.</param>
    /// <param name="now">The current one.</param>
    /// <param name="part">The part of the current frame whose blocks are compared.</param>
    /// <param name="parallel">The maximum number of threads.</param>
    public static BlockMotion Between(GreyPyramid before, GreyPyramid now, Focus part, ParallelOptions parallel)
    {
        BlockMotion motion = new(before, now, part);
        Parallel.For(0, motion._rows, parallel, motion.MatchRow);
        return motion;
    }

    /// <summary>Where a pixel lies between the nodes.</summary>
    public Place At(int x, int y)
    {
        int column = Math.Min((x - _left) / Grid, _columns - 1), row = Math.Min((y - _top) / Grid, _rows - 1);
        int node = row * _columns + column, right = column + 1 < _columns ? 1 : 0, below = row + 1 < _rows ? _columns : 0;
        return new Place(node, right, below, (float)(x - _left - column * Grid) / Grid, (float)(y - _top - row * Grid) / Grid);
    }

    private void MatchRow(int row)
    {
        for (int column = 0; column < _columns; column++)
        {
            (int x, int y) = (0, 0);
            float difference = 0;
            for (int scale = GreyPyramid.Scales - 1; scale >= 0; scale--)
            {
                bool isFirst = scale == GreyPyramid.Scales - 1;
                (x, y, difference) = Search(
                    scale, (_left + column * Grid) >> scale, (_top + row * Grid) >> scale, 2 * x, 2 * y, isFirst ? Reach : 1,
                    isFirst ? Reluctance : 0);
            }
            int node = row * _columns + column;
            (X[node], Y[node], Difference[node]) = (x, y, difference);
        }
    }

    /// <summary>The best motion of the block around a place of a scale, within reach of a given one.</summary>
    private (int X, int Y, float Difference) Search(int scale, int column, int row, int aroundX, int aroundY, int reach, float reluctance)
    {
        int width = GreyPyramid.Size(_now.Width, scale), height = GreyPyramid.Size(_now.Height, scale);
        int blockWidth = Math.Min(Block, width), blockHeight = Math.Min(Block, height);
        int left = Math.Clamp(column - Block / 2, 0, width - blockWidth), top = Math.Clamp(row - Block / 2, 0, height - blockHeight);
        (int X, int Y, float Difference) best = (0, 0, float.PositiveInfinity);
        float lowest = float.PositiveInfinity;
        for (int y = Math.Max(aroundY - reach, -top); y <= Math.Min(aroundY + reach, height - blockHeight - top); y++)
        {
            for (int x = Math.Max(aroundX - reach, -left); x <= Math.Min(aroundX + reach, width - blockWidth - left); x++)
            {
                int at = top * width + left;
                float difference = Compare(_now[scale], at, _before[scale], at + y * width + x, width, blockWidth, blockHeight);
                float cost = difference + reluctance * (Math.Abs(x) + Math.Abs(y));
                if (cost < lowest)
                    (best, lowest) = ((x, y, difference), cost);
            }
        }
        return best;
    }

    /// <summary>The mean absolute difference of two blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Compare(
        ReadOnlySpan<float> now, int at, ReadOnlySpan<float> before, int atBefore, int width, int blockWidth, int blockHeight)
    {
        Vector<float> sums = default;
        float sum = 0;
        for (int y = 0; y < blockHeight; y++, at += width, atBefore += width)
        {
            ReadOnlySpan<float> row = now.Slice(at, blockWidth), rowBefore = before.Slice(atBefore, blockWidth);
            int x = 0;
            for (; x <= blockWidth - Vector<float>.Count; x += Vector<float>.Count)
                sums += Vector.Abs(new Vector<float>(row[x..]) - new Vector<float>(rowBefore[x..]));
            for (; x < blockWidth; x++)
                sum += Math.Abs(row[x] - rowBefore[x]);
        }
        return (sum + Vector.Sum(sums)) / (blockWidth * blockHeight);
    }

    /// <summary>A pixel between four nodes.</summary>
    /// <param name="Node">The node at its upper left.</param>
    /// <param name="Right">From there to the node at its right, 0 at the border.</param>
    /// <param name="Below">From there to the node below.</param>
    /// <param name="Across">How far it lies to the right, 0..1.</param>
    /// <param name="Down">How far it lies below, 0..1.</param>
    internal readonly record struct Place(int Node, int Right, int Below, float Across, float Down)
    {
        /// <summary>The bilinear mean of the nodes' values.</summary>
        public float Mix(float[] values)
        {
            float upper = values[Node] + Across * (values[Node + Right] - values[Node]);
            float lower = values[Node + Below] + Across * (values[Node + Below + Right] - values[Node + Below]);
            return upper + Down * (lower - upper);
        }
    }
}
