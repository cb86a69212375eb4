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

    /// <summary><c>[N, M, h, w]</c> of any size to the same. The caller's scope owns it.</summary>
    public override Tensor forward(Tensor input)
    {
        // Every crop in training halves evenly. Else the strided layers read zeros beyond the right and lower border, where they never saw any,
        // and masks appear there out of nothing.
        Tensor even = ImagePadding.ToMultiple(input, 4);
        Tensor half = Add(even, _fine.forward(even));
        Tensor quarter = _down[0].forward(half);
        quarter = Add(quarter, _wide[0].forward(quarter));
        Tensor eighth = _down[1].forward(quarter);
        eighth = Add(eighth, _wide[1].forward(eighth));
        quarter = AddUp(quarter, _up[1].forward(eighth));
        return ImagePadding.Crop(AddUp(half, _up[0].forward(quarter)), input.shape[2], input.shape[3]);
    }

    private static Tensor Add(Tensor a, Tensor b) => a.add(b, Scalars.One);

    private static Tensor AddUp(Tensor fine, Tensor coarse)
        => GuidanceHead.Up(coarse).narrow(2, 0, fine.shape[2]).narrow(3, 0, fine.shape[3]).add(fine, Scalars.One);
}
