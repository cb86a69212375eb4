using Spn.Native;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// The small guidance network: image → raw guidance at half resolution. A symmetric encoder-decoder with skip links, as in the slides' Helen
/// model; 24, 40, 64 and 96 maps at 1/2, 1/4, 1/8 and 1/16 of the image's size, 0.4 million parameters.
/// </summary>
/// <remarks>
/// Names: <c>encoder.{level}.{block}</c>, <c>decoder.{level}</c>, each a block with <c>conv.weight</c> and <c>norm.*</c>; <c>head.weight</c>,
/// <c>head.bias</c>.
/// </remarks>
public sealed class GuidanceNetwork : nn.Module<Tensor, Tensor>
{
    private const long Multiple = 32;

    private static readonly long[] Widths = [24, 40, 64, 96];

    private readonly ModuleList<ModuleList<ConvBlock>> encoder;
    private readonly ModuleList<ConvBlock> decoder;
    private readonly Conv2d head;

    /// <summary>Makes an untrained network.</summary>
    /// <param name="configuration">Says how many guidance maps there are, and where they start.</param>
    public GuidanceNetwork(SpnConfiguration configuration)
        : base(nameof(GuidanceNetwork))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        encoder = new(
            new ModuleList<ConvBlock>(new ConvBlock(12, Widths[0]), new ConvBlock(Widths[0], Widths[0])),
            new ModuleList<ConvBlock>(new ConvBlock(Widths[0], Widths[1], stride: 2), new ConvBlock(Widths[1], Widths[1])),
            new ModuleList<ConvBlock>(new ConvBlock(Widths[1], Widths[2], stride: 2), new ConvBlock(Widths[2], Widths[2])),
            new ModuleList<ConvBlock>(
                new ConvBlock(Widths[2], Widths[3], stride: 2),
                new ConvBlock(Widths[3], Widths[3], dilation: 2),
                new ConvBlock(Widths[3], Widths[3], dilation: 4)));
        decoder = new(
            new ConvBlock(Widths[0], Widths[0]),
            new ConvBlock(Widths[1], Widths[0]),
            new ConvBlock(Widths[2], Widths[1]),
            new ConvBlock(Widths[3], Widths[2]));
        head = GuidanceHead.Create(Widths[0], configuration);
        RegisterComponents();
    }

    /// <summary>The guidance pass.</summary>
    /// <param name="input">The image, <c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Raw guidance <c>[N, 12·G, ⌈H/2⌉, ⌈W/2⌉]</c>.</returns>
    public override Tensor forward(Tensor input)
    {
        GuidanceHead.RequireImage(input);
        using DisposeScope scope = NewDisposeScope();
        Tensor x = nn.functional.pixel_unshuffle(ImagePadding.ToMultiple(input, Multiple), 2);

        var skips = new Stack<Tensor>();
        foreach (ModuleList<ConvBlock> level in encoder)
        {
            foreach (ConvBlock block in level)
                x = block.forward(x);
            skips.Push(x);
        }

        x = skips.Pop();
        for (int level = Widths.Length - 1; level > 0; level--)
            x = GuidanceHead.Up(decoder[level].forward(x)).add_(skips.Pop(), Scalars.One);
        x = decoder[0].forward(x);
        return GuidanceHead.Apply(head, x, input).MoveToOuterDisposeScope();
    }
}
