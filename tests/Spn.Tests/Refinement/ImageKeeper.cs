using Spn.Torch;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>A method that keeps the image that it was given, and leaves masks as they are.</summary>
internal sealed class ImageKeeper : TensorMethod
{
    /// <summary><c>[3, H, W]</c> of the last call.</summary>
    public float[] Image { get; private set; } = [];

    public override Tensor Guide(Tensor image)
    {
        Image = TensorPixels.ToArray(image);
        return image.alias();
    }

    public override Tensor Propagate(Tensor guidance, Tensor masks) => masks.clone();
}
