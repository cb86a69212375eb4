using Spn.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// Sees a mask's shape at three scales: a small encoder-decoder with M maps at half, 2M at a quarter and 3M at an eighth
/// of the image's size.
/// Names: <c>fine</c>, <c>down.{level}</c>, <c>wide.{level}</c>, <c>up.{level}</c>, each a <see cref="ConvBlock"/>.
/// </summary>
internal sealed class MaskReader : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "fine")] private readonly ConvBlock _fine;
    [ComponentName(Name = "down")] private readonly ModuleList<ConvBlock> _down;
    [ComponentName(Name = "wide")] private readonly ModuleList<ConvBlock> _wide;
    [ComponentName(Name = "up")] private readonly ModuleList<ConvBlock> _up;

    public MaskReader(long width)
        : base(nameof(MaskReader))
    {
        long middle = 2 * width, bottom = 3 * width;
        _fine = new ConvBlock(width, width);
        _down = new(new ConvBlock(width, middle, stride: 2), new ConvBlock(middle, bottom, stride: 2));
        _wide = new(new ConvBlock(middle, middle, dilation: 2), new ConvBlock(bottom, bottom, dilation: 2));
        _up = new(new ConvBlock(middle, width), new ConvBlock(bottom, middle));
        RegisterComponents();
    }

    /// <summary><c>[N, M, h, w]</c> of any size to the same.</summary>
    public override Tensor forward(Tensor input)
    {
        // Every crop in training halves evenly. Else the strided layers read zeros beyond the right and lower border, where they never saw any,
        // and masks appear there out of nothing.
        using Tensor even = ImagePadding.ToMultiple(input, 4), half = AddTo(_fine.forward(even), even), read = Half(half);
        return ImagePadding.Crop(read, input.shape[2], input.shape[3]);
    }

    private Tensor Half(Tensor half)
    {
        using Tensor narrow = _down[0].forward(half), quarter = AddTo(_wide[0].forward(narrow), narrow), wide = Quarter(quarter), coarse = _up[0].forward(wide);
        return GuidanceHead.Up(coarse).add_(half, Scalars.One);
    }

    private Tensor Quarter(Tensor quarter)
    {
        using Tensor narrow = _down[1].forward(quarter), eighth = AddTo(_wide[1].forward(narrow), narrow), coarse = _up[1].forward(eighth);
        return GuidanceHead.Up(coarse).add_(quarter, Scalars.One);
    }

    /// <summary>A block's output + what went in; in place where no gradient needs the output.</summary>
    internal static Tensor AddTo(Tensor output, Tensor input)
    {
        if (!is_grad_enabled())
            return output.add_(input, Scalars.One);
        using (output)
            return output.add(input, Scalars.One);
    }
}
