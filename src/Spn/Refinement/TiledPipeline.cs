using Spn.Guidance;
using Spn.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>
/// Runs the pipeline over overlapping tiles of a large image, so that guidance and propagation need the memory of one tile only.
/// </summary>
/// <param name="guidance">The method.</param>
/// <param name="device">The device that does the work.</param>
/// <param name="side">The maximum side of a tile in pixels, <see cref="Never"/>, or <see langword="null"/> to decide by the image.</param>
/// <param name="coarsePass">Corrects large images first; <see langword="null"/> for no such pass.</param>
internal sealed class TiledPipeline(IGuidance guidance, Device device, int? side, CoarsePass? coarsePass = null)
{
    /// <summary>No tiles.</summary>
    public const int Never = int.MaxValue;

    /// <summary>
    /// 3.7 megapixels. A model with a margin of 448 pixels needs a little more, and an inner tile then has 1.2 megapixels between its
    /// margins.
    /// </summary>
    public const int DefaultSide = 1920;

    public Device Device => device;

    /// <summary>Runs guidance and propagation; ends the input stage first.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="stages">Notified of the number of tiles, and when each stage ends.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public Tensor Run(Tensor image, Tensor masks, Stages stages)
    {
        (TileSpan[] rows, TileSpan[] columns) = Plan((int)image.shape[3], (int)image.shape[2]);
        stages.Tiles = rows.Length * columns.Length;
        stages.End(Stage.Input);
        using IDisposable? held = device.type == DeviceType.CPU && HeldMemory.Pays(image.shape[2] * image.shape[3], masks.numel()) ? HeldMemory.Hold() : null;
        using Tensor? corrected = coarsePass is null
            ? null
            : DeviceMemory.Require("The coarse pass", image, device, () => coarsePass.Correct(image, masks, stages));
        if (stages.Tiles == 1)
            return new Pipeline(guidance, device).Run(image, corrected ?? masks, stages);

        var parts = new Pipeline(((ITiledGuidance)guidance).ForPartsOf(image), device);
        using DisposeScope scope = NewDisposeScope();
        Tensor refined = zeros_like(masks);
        foreach (TileSpan row in rows)
        {
            foreach (TileSpan column in columns)
            {
                using DisposeScope tile = NewDisposeScope();
                Tensor part = parts.Run(Cut(image, row, column).contiguous(), Cut(corrected ?? masks, row, column).contiguous(), stages);
                Tensor weights = tensor(row.Weights(), row.Length, 1).mul(tensor(column.Weights())).to(device);
                Cut(refined, row, column).add_(part.mul(weights), Scalars.One);
            }
        }
        using Tensor zero = tensor(0f, device: device), one = ones_like(zero);
        return refined.clamp_(zero, one).MoveToOuterDisposeScope(); // the weights sum to 1 except for rounding
    }

    private (TileSpan[] Rows, TileSpan[] Columns) Plan(int width, int height)
    {
        int max = Never, margin = 0;
        if (guidance is ITiledGuidance tiled && side != Never)
        {
            margin = (tiled.Margin(width, height) + ITiledGuidance.Grid - 1) / ITiledGuidance.Grid * ITiledGuidance.Grid;
            bool bounded = tiled.Margin(2 * width, 2 * height) == tiled.Margin(width, height); // tiles whose margins grow with the image would not bound the memory
            max = side is null && !bounded ? Never : Math.Max(side ?? DefaultSide, TileSpan.MinSide(margin));
        }
        return (TileSpan.Cover(height, max, margin), TileSpan.Cover(width, max, margin));
    }

    private static Tensor Cut(Tensor maps, TileSpan row, TileSpan column)
        => maps.narrow(2, row.Begin, row.Length).narrow(3, column.Begin, column.Length);
}
