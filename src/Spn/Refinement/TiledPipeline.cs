using System.Numerics;
using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>
/// Runs the pipeline over overlapping tiles of a large image, so that guidance and propagation need the memory of one tile only.
/// </summary>
/// <param name="method">The method.</param>
/// <param name="side">The maximum side of a tile in pixels, <see cref="Never"/>, or <see langword="null"/> to decide by the image.</param>
/// <param name="coarsePass">Corrects large images first; <see langword="null"/> for no such pass.</param>
internal sealed class TiledPipeline(IRefinementMethod method, int? side, CoarsePass? coarsePass)
{
    /// <summary>No tiles.</summary>
    public const int Never = int.MaxValue;

    /// <summary>
    /// 3.7 megapixels. A model with a margin of 448 pixels needs a little more, and an inner tile then has 1.2 megapixels between its
    /// margins.
    /// </summary>
    public const int DefaultSide = 1920;

    /// <summary>Runs guidance and propagation; ends the input stage first.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="refined">Receives the refined masks, <c>[K, H, W]</c>.</param>
    /// <param name="stages">Notified of the number of tiles, and when each stage ends.</param>
    public void Run(Planes image, Planes masks, Planes refined, Stages stages)
    {
        (TileSpan[] rows, TileSpan[] columns) = Plan(image.Width, image.Height);
        stages.Tiles = rows.Length * columns.Length;
        stages.End(Stage.Input);
        using Planes? corrected = coarsePass?.Correct(image, masks, stages);
        if (stages.Tiles == 1)
        {
            new Pipeline(method).Run(image, corrected ?? masks, refined, stages);
            return;
        }
        Pipeline tiles = new(((ITiledMethod)method).ForTilesOf(image.All, image.Width, image.Height));
        refined.All.Clear();
        foreach (TileSpan row in rows)
        {
            foreach (TileSpan column in columns)
                RunTile(tiles, row, column, image, corrected ?? masks, refined, stages);
        }
        foreach (ref float value in refined.All)
            value = Math.Clamp(value, 0f, 1f); // the weights sum to 1 except for rounding
    }

    private static void RunTile(Pipeline pipeline, TileSpan row, TileSpan column, Planes image, Planes masks, Planes refined, Stages stages)
    {
        using Planes imageTile = Cut(image, row, column), maskTile = Cut(masks, row, column);
        using Planes refinedTile = new(masks.Count, row.Length, column.Length);
        pipeline.Run(imageTile, maskTile, refinedTile, stages);
        float[] across = column.Weights(), down = row.Weights();
        for (int k = 0; k < refined.Count; k++)
        {
            for (int y = 0; y < row.Length; y++)
                AddWeighted(refinedTile.Row(k, y), across, down[y], refined.Row(k, row.Begin + y).Slice(column.Begin, column.Length));
        }
    }

    private (TileSpan[] Rows, TileSpan[] Columns) Plan(int width, int height)
    {
        int max = Never, margin = 0;
        if (method is ITiledMethod tiled && side != Never)
        {
            margin = (tiled.Margin(width, height) + ITiledMethod.Grid - 1) / ITiledMethod.Grid * ITiledMethod.Grid;
            // Tiles whose margins grow with the image would not bound the memory.
            bool bounded = tiled.Margin(2 * width, 2 * height) == tiled.Margin(width, height);
            max = side is null && !bounded ? Never : Math.Max(side ?? DefaultSide, TileSpan.MinSide(margin));
        }
        return (TileSpan.Cover(height, max, margin), TileSpan.Cover(width, max, margin));
    }

    private static Planes Cut(Planes maps, TileSpan row, TileSpan column)
    {
        Planes tile = new(maps.Count, row.Length, column.Length);
        for (int k = 0; k < maps.Count; k++)
        {
            for (int y = 0; y < row.Length; y++)
                maps.Row(k, row.Begin + y).Slice(column.Begin, column.Length).CopyTo(tile.Row(k, y));
        }
        return tile;
    }

    private static void AddWeighted(ReadOnlySpan<float> values, ReadOnlySpan<float> across, float down, Span<float> sum)
    {
        int x = 0;
        for (; x <= sum.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> weight = new Vector<float>(across[x..]) * down;
            (new Vector<float>(sum[x..]) + weight * new Vector<float>(values[x..])).CopyTo(sum[x..]);
        }
        for (; x < sum.Length; x++)
            sum[x] += across[x] * down * values[x];
    }
}
