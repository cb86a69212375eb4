using Spn.Guidance;
using Spn.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>The pipeline over a large image's tiles, which overlap and fade into each other: guidance and propagation take the memory of one tile.</summary>
/// <param name="guidance">What looks at the image.</param>
/// <param name="device">Where.</param>
/// <param name="side">The most pixels of a tile's side, <see cref="Never"/>, or <see langword="null"/> to decide by the image.</param>
/// <param name="first">What looks at large images before; <see langword="null"/> for nothing.</param>
internal sealed class TiledPipeline(IGuidance guidance, Device device, int? side, SmallerCopy? first = null)
{
    /// <summary>No tiles.</summary>
    public const int Never = int.MaxValue;

    /// <summary>3.7 megapixels; for a model that looks 448 pixels far the least side is a little more, and a tile within an image has 1.2 between its margins.</summary>
    public const int DefaultSide = 1920;

    public Device Device => device;

    /// <summary>Runs both passes, after the end of reading.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="stages">Told the number of tiles, and when reading and each pass end.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public Tensor Run(Tensor image, Tensor masks, Stages stages)
    {
        (TileSpan[] rows, TileSpan[] columns) = Plan((int)image.shape[3], (int)image.shape[2]);
        stages.Tiles = rows.Length * columns.Length;
        stages.End(Stage.Input);
        using IDisposable? held = device.type == DeviceType.CPU && HeldMemory.Pays(image.shape[2] * image.shape[3], masks.numel()) ? HeldMemory.Hold() : null;
        using Tensor? led = first is null ? null : DeviceMemory.Require("A smaller copy first", image, device, () => first.Lead(image, masks, stages));
        if (stages.Tiles == 1)
            return new Pipeline(guidance, device).Run(image, led ?? masks, stages);

        var parts = new Pipeline(((ITiledGuidance)guidance).ForPartsOf(image), device);
        using DisposeScope scope = NewDisposeScope();
        Tensor refined = zeros_like(masks);
        foreach (TileSpan row in rows)
        {
            foreach (TileSpan column in columns)
            {
                using DisposeScope tile = NewDisposeScope();
                Tensor part = parts.Run(Cut(image, row, column).contiguous(), Cut(led ?? masks, row, column).contiguous(), stages);
                Tensor weights = tensor(row.Weights(), row.Length, 1).mul(tensor(column.Weights())).to(device);
                Cut(refined, row, column).add_(part.mul(weights), Scalars.One);
            }
        }
        using Tensor zero = tensor(0f, device: device), one = ones_like(zero);
        return refined.clamp_(zero, one).MoveToOuterDisposeScope(); // weights that sum to 1 but for an ulp
    }

    private (TileSpan[] Rows, TileSpan[] Columns) Plan(int width, int height)
    {
        int most = Never, margin = 0;
        if (guidance is ITiledGuidance tiled && side != Never)
        {
            margin = (tiled.Margin(width, height) + ITiledGuidance.Grid - 1) / ITiledGuidance.Grid * ITiledGuidance.Grid;
            bool pays = tiled.Margin(2 * width, 2 * height) == tiled.Margin(width, height); // margins that grow with the image would not bound the memory
            most = side is null && !pays ? Never : Math.Max(side ?? DefaultSide, TileSpan.LeastSide(margin));
        }
        return (TileSpan.Cover(height, most, margin), TileSpan.Cover(width, most, margin));
    }

    private static Tensor Cut(Tensor maps, TileSpan row, TileSpan column) => maps.narrow(2, row.Begin, row.Length).narrow(3, column.Begin, column.Length);
}
