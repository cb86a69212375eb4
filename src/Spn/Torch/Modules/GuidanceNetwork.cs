using Spn.Models;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// The small guidance network: image → raw guidance at half resolution. A symmetric encoder-decoder with skip links, as in the slides'
/// Helen model. By default it has 16, 48, 80 and 128 maps at 1/2, 1/4, 1/8 and 1/16 of the image's size and 0.65 million parameters, most
/// of them at the low resolutions, where they cost little time.
/// </summary>
/// <remarks>
/// Parameter names: <c>encoder.{level}.{block}</c>, <c>decoder.{level}</c>, each a block with <c>conv.weight</c> and <c>norm.*</c>;
/// <c>head.weight</c>, <c>head.bias</c>.
/// </remarks>
public sealed class GuidanceNetwork : nn.Module<Tensor, Tensor>
{
    private const long Multiple = 32;

    [ComponentName(Name = "encoder")] private readonly ModuleList<ModuleList<ConvBlock>> _encoder;
    [ComponentName(Name = "decoder")] private readonly ModuleList<ConvBlock> _decoder;
    [ComponentName(Name = "head")] private readonly Conv2d _head;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="configuration">Supplies the number of guidance maps and their initial values.</param>
    public GuidanceNetwork(SpnConfiguration configuration)
        : base(nameof(GuidanceNetwork))
    {
        ArgumentNullException.ThrowIfNull(configuration);
        configuration.Validate();
        int width = configuration.GuidanceWidth;
        long[] widths = [width, 3 * width, 5 * width, 8 * width];
        _encoder = new(
            new ModuleList<ConvBlock>(Block(12, widths[0]), Block(widths[0], widths[0])),
            new ModuleList<ConvBlock>(Block(widths[0], widths[1], stride: 2), Block(widths[1], widths[1])),
            new ModuleList<ConvBlock>(Block(widths[1], widths[2], stride: 2), Block(widths[2], widths[2])),
            new ModuleList<ConvBlock>(
                Block(widths[2], widths[3], stride: 2),
                Block(widths[3], widths[3], dilation: 2),
                Block(widths[3], widths[3], dilation: 4)));
        _decoder = new(
            Block(widths[0], widths[0]),
            Block(widths[1], widths[0]),
            Block(widths[2], widths[1]),
            Block(widths[3], widths[2]));
        _head = GuidanceHead.Create(widths[0], configuration);
        RegisterComponents();

        static ConvBlock Block(long input, long output, long stride = 1, long dilation = 1) => new(input, output, stride, dilation);
    }

    /// <summary>The guidance pass.</summary>
    /// <param name="input">The image, <c>[N, 3, H, W]</c>, float32, RGB in 0..1, of any size.</param>
    /// <returns>Raw guidance, then features for the masks, <c>[N, 12·G + F, ⌈H/2⌉, ⌈W/2⌉]</c>.</returns>
    public override Tensor forward(Tensor input)
    {
        GuidanceHead.RequireImage(input);
        using Tensor padded = ImagePadding.ToMultiple(input, Multiple);
        using Tensor unshuffled = nn.functional.pixel_unshuffle(padded, 2), level = Level(0, unshuffled);
        return GuidanceHead.Apply(_head, level, input);
    }

    /// <summary>
    /// A level of the encoder, everything below it, and the same level of the decoder. Maps are disposed as soon as they are no longer
    /// needed.
    /// </summary>
    private Tensor Level(int level, Tensor input)
    {
        using Tensor encoded = Encode(_encoder[level], input);
        if (level + 1 == _encoder.Count)
            return _decoder[level].forward(encoded);
        using Tensor below = Level(level + 1, encoded), joined = MapSums.AddUpsampled(encoded, below);
        return _decoder[level].forward(joined);
    }

    private static Tensor Encode(ModuleList<ConvBlock> blocks, Tensor input)
    {
        Tensor x = blocks[0].forward(input);
        foreach (ConvBlock block in blocks.Skip(1))
        {
            using Tensor read = x;
            x = block.forward(read);
        }
        return x;
    }
}
