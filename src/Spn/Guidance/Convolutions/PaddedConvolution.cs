using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// A 3x3 convolution with its numbers of maps rounded up to whole vectors, by zeros. Of maps in planes oneDNN's kernels make blocks of a vector's lanes, and what fills up the last block is memory that
/// nothing has written: results are wrong or NaN where the maps that come in are no multiple, and gradients where those that go out are none. (libtorch 2.10; 16 lanes with AVX-512, 8 with AVX2.)
/// </summary>
internal static class PaddedConvolution
{
    private const long Lanes = 16;

    /// <param name="input"><c>[N, in, H, W]</c>.</param>
    /// <param name="weight"><c>[out, in, 3, 3]</c>.</param>
    /// <param name="bias"><c>[out]</c>, or <see langword="null"/> for none.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="dilation">Distance between the kernel's pixels, and as much padding.</param>
    /// <returns><c>[N, out, …]</c>. The caller's scope owns it.</returns>
    public static Tensor Forward(Tensor input, Tensor weight, Tensor? bias, long stride = 1, long dilation = 1)
    {
        long outputs = weight.shape[0], moreIn = Missing(weight.shape[1]), moreOut = is_grad_enabled() ? Missing(outputs) : 0;
        if (input.device_type != DeviceType.CPU || (moreIn == 0 && moreOut == 0))
            return Convolve(input, weight, bias, stride, dilation);
        using Tensor wideInput = nn.functional.pad(input, [0, 0, 0, 0, 0, moreIn]), wideWeight = nn.functional.pad(weight, [0, 0, 0, 0, 0, moreIn, 0, moreOut]);
        using Tensor? wideBias = bias is null ? null : nn.functional.pad(bias, [0, moreOut]);
        using Tensor wide = Convolve(wideInput, wideWeight, wideBias, stride, dilation);
        return wide.narrow(1, 0, outputs);
    }

    private static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long stride, long dilation)
        => nn.functional.conv2d(input, weight, bias, strides: [stride, stride], padding: [dilation, dilation], dilation: [dilation, dilation]);

    private static long Missing(long maps) => (Lanes - (maps % Lanes)) % Lanes;
}
