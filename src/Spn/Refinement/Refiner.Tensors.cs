using Spn.Imaging;
using Spn.Refinement;
using TorchSharp;

namespace Spn;

/// <content>Tensors in, tensors out.</content>
public sealed partial class Refiner
{
    /// <summary>Refines tensors to a tensor: any number of independent masks of one image, or of N images.</summary>
    /// <typeparam name="TImage">
    /// <see cref="torch.Tensor"/>. It is a type parameter because arrays and numbers convert to a tensor implicitly, but not to a type
    /// parameter.
    /// </typeparam>
    /// <typeparam name="TMasks"><see cref="torch.Tensor"/>.</typeparam>
    /// <param name="image"><c>[3, H, W]</c> or <c>[N, 3, H, W]</c>, RGB, floating point in 0..1 or uint8, any device.</param>
    /// <param name="coarseMasks">
    /// <c>[h, w]</c>, <c>[K, h, w]</c> or <c>[N, K, h, w]</c>, floating point in 0..1, uint8 (each mask by the rule of
    /// <see cref="MaskValues.Auto"/>) or bool, any device.
    /// </param>
    /// <returns>
    /// As many maps at the image's size in 0..1, of the masks' rank and on their device; of their type if it is floating point, otherwise
    /// float32. Without gradient. K or N of 0 gives an empty tensor.
    /// </returns>
    /// <inheritdoc cref="Refine(ImageInput, MaskInput)"/>
    public torch.Tensor Refine<TImage, TMasks>(TImage image, TMasks coarseMasks)
        where TImage : torch.Tensor where TMasks : torch.Tensor
        => Refine(image, coarseMasks, nameof(coarseMasks), areClasses: false);

    /// <summary>Refines tensors of class probabilities to a tensor: the K classes share each pixel and sum to 1 in the result.</summary>
    /// <inheritdoc cref="Refine{TImage, TMasks}(TImage, TMasks)"/>
    /// <param name="image"><c>[3, H, W]</c> or <c>[N, 3, H, W]</c>, RGB, floating point in 0..1 or uint8, any device.</param>
    /// <param name="coarseClasses"><c>[K, h, w]</c> or <c>[N, K, h, w]</c>, floating point in 0..1, any device.</param>
    public torch.Tensor RefineClasses<TImage, TClasses>(TImage image, TClasses coarseClasses)
        where TImage : torch.Tensor where TClasses : torch.Tensor
        => Refine(image, coarseClasses, nameof(coarseClasses), areClasses: true);

    private torch.Tensor Refine(torch.Tensor image, torch.Tensor coarse, string coarseArgument, bool areClasses)
    {
        Require(image, coarse, coarseArgument);
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor pixels = ToDevice(TensorPixels.Image("image", image, _settings.PixelLimit));
        torch.Tensor masks = Fit(coarseArgument, TensorPixels.Masks(coarseArgument, coarse, _settings.PixelLimit), pixels);
        torch.Tensor refined = Run(pixels, masks, areClasses, new Stages(Device));
        if (areClasses)
        {
            refined = SumToOne(pixels, refined, masks);
        }
        else if (!areClasses && _settings.HardThreshold is float limit)
        {
            using torch.Tensor threshold = torch.tensor(limit, device: Device);
            refined = refined.ge(threshold);
        }
        torch.Tensor typed = refined.to(coarse.is_floating_point() ? coarse.dtype : torch.float32, coarse.device);
        long[] rank = [.. typed.shape[^(int)coarse.dim()..]];
        return typed.reshape(rank).MoveToOuterDisposeScope();
    }
}
