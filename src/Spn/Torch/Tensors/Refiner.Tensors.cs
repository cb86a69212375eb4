using Spn.Imaging;
using Spn.Refinement;
using Spn.Torch;
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
        torch.Tensor pixels = TensorPixels.Image("image", image, _settings.PixelLimit).cpu();
        torch.Tensor masks = TensorPixels.Masks(coarseArgument, coarse, _settings.PixelLimit).cpu();
        long images = pixels.shape[0], count = masks.shape[1];
        if (masks.shape[0] != images)
        {
            throw new ArgumentException(
                $"{coarseArgument}: expected one set of masks per image ({images}), got {masks.shape[0]}.", coarseArgument);
        }
        (int height, int width) = ((int)pixels.shape[2], (int)pixels.shape[3]);
        if (images * count > PixelLimit.Max / Math.Max(1, (long)height * width))
        {
            throw new ArgumentException(
                $"{coarseArgument}: expected at most {PixelLimit.Max:N0} values in total, got {images * count:N0} masks of {width} x {height}.", coarseArgument);
        }
        MaskPlane.RequireProportions(coarseArgument, masks.shape[3], masks.shape[2], width, height);
        torch.Tensor refined = torch.empty([images, count, height, width], torch.float32, torch.CPU);
        for (long n = 0; n < images && count > 0; n++)
        {
            using DisposeScope one = torch.NewDisposeScope();
            torch.Tensor photo = pixels[n], maps = masks[n], result = refined[n];
            Work(new Stages(), stages =>
            {
                Refine(photo, maps, areClasses, stages, TensorPixels.SpanOf<float>(result));
                return true;
            });
        }
        torch.Tensor typed = refined.to(coarse.is_floating_point() ? coarse.dtype : torch.float32, coarse.device);
        long[] rank = [.. typed.shape[^(int)coarse.dim()..]];
        return typed.reshape(rank).MoveToOuterDisposeScope();
    }

    /// <summary>Refines the masks of one image.</summary>
    /// <param name="photo"><c>[3, H, W]</c>.</param>
    /// <param name="maps"><c>[K, h, w]</c>.</param>
    /// <param name="areClasses">The K maps share each pixel.</param>
    /// <param name="stages">The stages of the call.</param>
    /// <param name="result">Receives <c>[K, H, W]</c>.</param>
    private void Refine(torch.Tensor photo, torch.Tensor maps, bool areClasses, Stages stages, Span<float> result)
    {
        (int height, int width, int h, int w) = ((int)photo.shape[1], (int)photo.shape[2], (int)maps.shape[1], (int)maps.shape[2]);
        using Planes pixels = new(3, height, width), given = new((int)maps.shape[0], h, w), fitted = new(given.Count, height, width);
        TensorPixels.CopyTo(photo, pixels.All);
        TensorPixels.CopyTo(maps, given.All);
        for (int k = 0; k < given.Count; k++)
        {
            int map = k;
            PlaneResize.Resample(y => given.Row(map, y), w, h, new(0, 0, w, h), fitted[k], width, height);
        }
        using Planes refined = new(fitted.Count, fitted.Height, fitted.Width);
        Run(pixels, fitted, areClasses ? MapKind.Classes : MapKind.Masks, refined, stages);
        if (areClasses)
            ClassShares.SumToOne(refined, fitted);
        refined.All.CopyTo(result);
        if (!areClasses && _settings.HardThreshold is float limit)
        {
            foreach (ref float value in result)
                value = value >= limit ? 1 : 0;
        }
    }
}
