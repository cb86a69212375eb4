using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// A convolution whose numbers of maps are padded with zeros to multiples of the vector width. This works around a fault of oneDNN in
/// libtorch 2.10: it groups maps into blocks of one vector (16 lanes with AVX-512, 8 with AVX2) and does not initialize the rest of the
/// last block. If the number of input maps is not a multiple, results are wrong or NaN. If the number of output maps is not, gradients of
/// the input are. Kernels of 3x3 and 4x4 are affected; kernels of 1x1 and channels-last maps are not.
/// </summary>
internal static class PaddedConvolution
{
    private const long Lanes = 16;
    private const long MaxUnblocked = 3; // so few input maps are not grouped into blocks

    /// <param name="input"><c>[N, in, H, W]</c>.</param>
    /// <param name="weight"><c>[out, in, k, k]</c>.</param>
    /// <param name="bias"><c>[out]</c>, or <see langword="null"/> for none.</param>
    /// <param name="stride">1 or 2.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="dilation">Distance between the kernel's pixels.</param>
    /// <returns><c>[N, out, …]</c>. The caller's scope owns it.</returns>
    public static Tensor Forward(Tensor input, Tensor weight, Tensor? bias, long stride = 1, long padding = 1, long dilation = 1)
    {
        long outputs = weight.shape[0], inputs = weight.shape[1];
        long moreIn = inputs <= MaxUnblocked ? 0 : Missing(inputs), moreOut = is_grad_enabled() ? Missing(outputs) : 0;
        if (input.device_type != DeviceType.CPU || (moreIn == 0 && moreOut == 0))
            return Convolve(input, weight, bias, stride, padding, dilation);
        using Tensor wideInput = moreIn == 0 ? input.alias() : nn.functional.pad(input, [0, 0, 0, 0, 0, moreIn]);
        using Tensor wideWeight = nn.functional.pad(weight, [0, 0, 0, 0, 0, moreIn, 0, moreOut]);
        using Tensor? wideBias = bias is null ? null : nn.functional.pad(bias, [0, moreOut]);
        using Tensor wide = Convolve(wideInput, wideWeight, wideBias, stride, padding, dilation);
        return wide.narrow(1, 0, outputs);
    }

    private static Tensor Convolve(Tensor input, Tensor weight, Tensor? bias, long stride, long padding, long dilation)
        => nn.functional.conv2d(
            input, weight, bias, strides: [stride, stride], padding: [padding, padding], dilation: [dilation, dilation]);

    private static long Missing(long maps) => (Lanes - (maps % Lanes)) % Lanes;
}
