using System.Diagnostics.CodeAnalysis;
using Spn.Torch;
using TorchSharp;

namespace Spn;

/// <content>Tensors.</content>
public sealed partial class MaskInput
{
    /// <summary>
    /// A tensor <c>[H, W]</c>, <c>[1, H, W]</c> or <c>[1, 1, H, W]</c>, floating point in 0..1, uint8 or bool, on any device.
    /// </summary>
    /// <param name="tensor">The tensor; the caller still owns it, and it is not changed.</param>
    [return: NotNullIfNotNull(nameof(tensor))]
    public static implicit operator MaskInput?(torch.Tensor? tensor)
        => tensor is null ? null : new(call => TensorPixels.OpenMask(call.Argument, tensor, call.Options.Values, call.PixelLimit));
}
