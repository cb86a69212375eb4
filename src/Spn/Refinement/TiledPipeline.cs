using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>
/// Runs the pipeline over overlapping tiles of a large image, so that guidance and propagation need the memory of one tile only. Where the
/// coarse pass has left nothing to decide, no tile is computed and its masks stay.
/// </summary>
/// <param name="method">The method.</param>
/// <param name="side">The maximum side of a tile in pixels, <see cref="Never"/>, or <see langword="null"/> to decide by the image.</param>
/// <param name="coarsePass">Corrects large images first; <see langword="null"/> for no such pass.</param>
/// <param name="focuses">Whether to work only where masks leave something to decide, if the method allows it.</param>
internal sealed class TiledPipeline(IRefinementMethod method, int? side, CoarsePass? coarsePass, bool focuses = true)
{
    /// <summary>No tiles.</summary>
    public const int Never = int.MaxValue;

    /// <summary>
    /// 2 megapixels. An inner tile of a model, whose margin is 256 pixels, has 0.7 megapixels between its margins.
    /// </summary>
    public const int DefaultSide = 1408;

    private const int MaxMargin = 1 << 24;

    private readonly bool _isTrusted = method is IMemoryEstimate;

    /// <summary>Runs guidance and propagation; ends the input stage first.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="kind">What the K masks are.</param>
    /// <param name="refined">Receives the refined masks, <c>[K, H, W]</c>.</param>
    /// <param name="stages">Notified of the number of tiles, and when each stage ends.</param>
    public void Run(Planes image, Planes masks, MapKind kind, Planes refined, Stages stages)
    {
        (int maxSide, int margin) = TileSize(image.Width, image.Height);
        TileSpan[] rows = TileSpan.Cover(image.Height, maxSide, margin), columns = TileSpan.Cover(image.Width, maxSide, margin);
        int all = stages.Tiles = rows.Length * columns.Length;
        stages.End(Stage.Input);
        (Planes Masks, Undecided Left)? copy = coarsePass?.Correct(image, masks, kind, stages);
        using Planes? corrected = copy?.Masks;
        if (copy is not (_, { } left) || margin == 0)
        {
            Run(rows, columns, image, corrected ?? masks, kind, refined, stages);
            return;
        }
        (int top, int bottom, int leftmost, int right) = left.Bounds(image);
        rows = bottom == 0 ? [] : TileSpan.Cover(top, bottom, image.Height, maxSide, margin);
        columns = bottom == 0 ? [] : TileSpan.Cover(leftmost, right, image.Width, maxSide, margin);
        Run(rows, columns, image, corrected!, kind, refined, stages, left);
        stages.SkippedTiles = Math.Max(0, all - stages.Tiles);
    }

    /// <summary>
    /// Bytes that a call takes besides its image and masks, if all of the image is computed. Of a custom method only what the tiles
    /// themselves take is known.
    /// </summary>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="masks">The number of masks.</param>
    public long RequiredBytes(int width, int height, int masks)
    {
        (int maxSide, int margin) = TileSize(width, height);
        (int tileHeight, int tileWidth) = (Longest(height), Longest(width));
        bool tiled = tileHeight < height || tileWidth < width;
        long tile = tiled ? sizeof(float) * (3L + 2 * masks) * tileHeight * tileWidth : 0;
        long ofMethod = (method as IMemoryEstimate)?.RequiredBytes(tileWidth, tileHeight, masks) ?? 0;
        if (method is ILocalMethod)
            ofMethod += Pipeline.CopiedBytes((long)tileWidth * tileHeight, masks);
        return tile + ofMethod + (coarsePass?.RequiredBytes(width, height, masks) ?? 0);

        int Longest(int length) => TileSpan.Cover(length, maxSide, margin).Max(span => span.Length);
    }

    /// <summary>Refines the tiles, and keeps the given masks elsewhere.</summary>
    private void Run(
        TileSpan[] rows, TileSpan[] columns, Planes image, Planes masks, MapKind kind, Planes refined, Stages stages, Undecided? left = null)
    {
        Part[] tiles = [.. from row in rows from column in columns where left?.Any(image, row, column) ?? true select new Part(row, column)];
        stages.Tiles = tiles.Length;
        if (tiles.Length == 1 && tiles[0].Rows.Length == image.Height && tiles[0].Columns.Length == image.Width)
        {
            new Pipeline(method, _isTrusted, focuses).Run(image, masks, kind, refined, stages);
            return;
        }
        masks.All.CopyTo(refined.All);
        if (tiles.Length == 0)
            return;
        Pipeline pipeline = new(((ITiledMethod)method).ForTilesOf(image.All, image.Width, image.Height), _isTrusted, focuses);
        foreach (Part tile in tiles)
        {
            using Planes imageTile = tile.Cut(image), before = tile.Cut(masks), after = new(before.Count, before.Height, before.Width);
            pipeline.Run(imageTile, before, kind, after, stages);
            for (int k = 0; k < before.Count; k++)
                tile.AddChange(before[k], after[k], refined, k);
        }
        foreach (ref float value in refined.All)
            value = Math.Clamp(value, 0f, 1f); // the weights sum to 1 except for rounding
    }

    /// <summary>The maximum side of a tile and its margin; without tiles, no limit and no margin.</summary>
    private (int MaxSide, int Margin) TileSize(int width, int height)
    {
        if (method is not ITiledMethod tiled || side == Never)
            return (Never, 0);
        int own = tiled.Margin(width, height);
        if (own is < 0 or > MaxMargin)
            throw new InvalidOperationException($"{method.GetType().Name}.Margin is {own}; expected 0..{MaxMargin}.");
        int margin = (own + ITiledMethod.Grid - 1) / ITiledMethod.Grid * ITiledMethod.Grid;
        // Tiles whose margins grow with the image would not bound the memory.
        bool bounded = tiled.Margin(2 * width, 2 * height) == own;
        return side is null && !bounded ? (Never, 0) : (Math.Max(side ?? DefaultSide, TileSpan.MinSide(margin)), margin);
    }
}
