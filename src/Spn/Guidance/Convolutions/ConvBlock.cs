using Spn.Native;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// 3x3 convolution, batch normalisation, ReLU. Names: <c>conv.weight</c> and PyTorch's five of <c>norm</c>. Inference, which is eval() and no gradients,
/// runs a <see cref="FoldedConvolution"/> made at first use, one for maps of bfloat16 and one for others; train(), eval() and to() drop them, so that new weights are seen.
/// </summary>
internal sealed class ConvBlock : nn.Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-5;

    private readonly long _stride;
    private readonly long _dilation;
    private readonly Lock _folding = new();
    private FoldedConvolution? _folded, _reduced;
    [ComponentName(Name = "conv")] private readonly Conv2d _conv;
    [ComponentName(Name = "norm")] private readonly BatchNorm2d _norm;

    /// <param name="input">Maps that come in.</param>
    /// <param name="output">Maps that go out.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    public ConvBlock(long input, long output, long stride = 1, long dilation = 1)
        : base(nameof(ConvBlock))
    {
        (_stride, _dilation) = (stride, dilation);
        _conv = nn.Conv2d(input, output, 3, stride: stride, padding: dilation, dilation: dilation, bias: false);
        _norm = nn.BatchNorm2d(output, Epsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        if (!training && !is_grad_enabled())
            return Inference(input, added: null);
        if (input.dtype == ScalarType.BFloat16 && _conv.weight.dtype != ScalarType.BFloat16)
        {
            using Tensor exact = input.to(_conv.weight.dtype), output = forward(exact); // this block trains within a network that does not
            return output.to(ScalarType.BFloat16);
        }

        using Tensor convolved = PaddedConvolution.Forward(input, _conv.weight, bias: null, _stride, _dilation, _dilation);

        // Not norm.forward: in training it counts batches with a Scalar that the garbage collector may free while it is used.
        Tensor normalized = nn.functional.batch_norm(
            convolved, _norm.running_mean, _norm.running_var, _norm.weight, _norm.bias, training, momentum: 0.1, eps: Epsilon);
        return normalized.relu_();
    }

    /// <summary>What comes out, added to what came in.</summary>
    public Tensor Residual(Tensor input)
    {
        if (!training && !is_grad_enabled())
            return Inference(input, added: input);
        using Tensor output = forward(input);
        return output.add(input, Scalars.One);
    }

    public override void train(bool on = true)
    {
        base.train(on);
        Unfold();
    }

    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        base._toEpilog(dtype, device!, non_blocking);
        Unfold();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Unfold();
        base.Dispose(disposing);
    }

    private Tensor Inference(Tensor input, Tensor? added) => Folded(input.dtype == ScalarType.BFloat16).Forward(input, added);

    private FoldedConvolution Folded(bool reduced)
    {
        lock (_folding)
            return reduced ? _reduced ??= Fold(reduced) : _folded ??= Fold(reduced);
    }

    private FoldedConvolution Fold(bool reduced) => new(_conv, _norm, Epsilon, _stride, _dilation, reduced);

    private void Unfold()
    {
        lock (_folding)
        {
            _folded?.Dispose();
            _reduced?.Dispose();
            _folded = _reduced = null;
        }
    }
}
