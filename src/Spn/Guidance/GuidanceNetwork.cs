using Spn.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// The small guidance network: image → raw guidance at half resolution. A symmetric encoder-decoder with skip links, as in the slides' Helen
/// model; by default 16, 48, 80 and 128 maps at 1/2, 1/4, 1/8 and 1/16 of the image's size, 0.65 million
/// parameters. Most of them lie deep, where pixels are few.
/// </summary>
/// <remarks>
/// Names: <c>encoder.{level}.{block}</c>, <c>decoder.{level}</c>, each a block with <c>conv.weight</c> and <c>norm.*</c>; <c>head.weight</c>,
/// <c>head.bias</c>.
/// </remarks>
public sealed class GuidanceNetwork : nn.Module<Tensor, Tensor>
{
    private const long Multiple = 32;

    [ComponentName(Name = "encoder")] private readonly ModuleList<ModuleList<ConvBlock>> _encoder;
    [ComponentName(Name = "decoder")] private readonly ModuleList<ConvBlock> _decoder;
    [ComponentName(Name = "head")] private readonly Conv2d _head;

    /// <summary>Makes an untrained network.</summary>
    /// <param name="configuration">Says how many guidance maps there are, and where they start.</param>
    public GuidanceNetwork(SpnConfiguration configuration)
        : base(nameof(GuidanceNetwork))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        int width = configuration.GuidanceWidth;
        long[] widths = [width, 3 * width, 5 * width, 8 * width];
        _encoder = new(
            new ModuleList<ConvBlock>(new ConvBlock(12, widths[0]), new ConvBlock(widths[0], widths[0])),
            new ModuleList<ConvBlock>(new ConvBlock(widths[0], widths[1], stride: 2), new ConvBlock(widths[1], widths[1])),
            new ModuleList<ConvBlock>(new ConvBlock(widths[1], widths[2], stride: 2), new ConvBlock(widths[2], widths[2])),
            new ModuleList<ConvBlock>(
                new ConvBlock(widths[2], widths[3], stride: 2),
                new ConvBlock(widths[3], widths[3], dilation: 2),
                new ConvBlock(widths[3], widths[3], dilation: 4)));
        _decoder = new(
            new ConvBlock(widths[0], widths[0]),
            new ConvBlock(widths[1], widths[0]),
            new ConvBlock(widths[2], widths[1]),
            new ConvBlock(widths[3], widths[2]));
        _head = GuidanceHead.Create(widths[0], configuration);
        RegisterComponents();
    }

    /// <summary>The guidance pass.</summary>
    /// <param name="input">The image, <c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Raw guidance, then features for the masks, <c>[N, 12·G + F, ⌈H/2⌉, ⌈W/2⌉]</c>.</returns>
    public override Tensor forward(Tensor input)
    {
        GuidanceHead.RequireImage(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = nn.functional.pixel_unshuffle(ImagePadding.ToMultiple(input, Multiple), 2);

        var skips = new Stack<Tensor>();
        foreach (ModuleList<ConvBlock> level in _encoder)
        {
            foreach (ConvBlock block in level)
                x = block.forward(x);
            skips.Push(x);
        }

        x = skips.Pop();
        for (int level = _decoder.Count - 1; level > 0; level--)
            x = GuidanceHead.Up(_decoder[level].forward(x)).add_(skips.Pop(), Scalars.One);
        x = _decoder[0].forward(x);
        return GuidanceHead.Apply(_head, x, input).MoveToOuterDisposeScope();
    }
}
