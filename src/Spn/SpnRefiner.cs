using TorchSharp;

namespace Spn;

/// <summary>The door: an image and a coarse mask in, a mask that follows the image's edges out.</summary>
/// <remarks>
/// The static calls share one refiner with every default, made when first used; they may be called from any thread. Settings, async and sequences
/// are a call of <see cref="Configure"/> away. See <see cref="Refiner"/> for what is checked and thrown.
/// </remarks>
/// <example><code>
/// Mask refined = SpnRefiner.Refine("photo.jpg", "mask.png");
/// refined.Save("refined.png");
/// </code></example>
public static class SpnRefiner
{
    private static readonly Lazy<Refiner> s_shared = new(() => Configure().Build());

    /// <summary>Opens the settings of a refiner of one's own.</summary>
    /// <exception cref="DllNotFoundException">TorchSharp's native libraries are missing; the message names the package to add.</exception>
    public static RefinerBuilder Configure() => new();

    /// <inheritdoc cref="Refiner.Refine(ImageInput, MaskInput)"/>
    public static Mask Refine(ImageInput image, MaskInput coarseMask) => s_shared.Value.Refine(image, coarseMask);

    /// <inheritdoc cref="Refiner.Refine(ImageInput, LabelMap)"/>
    public static LabelMap Refine(ImageInput image, LabelMap coarseLabels) => s_shared.Value.Refine(image, coarseLabels);

    /// <inheritdoc cref="Refiner.Refine(ImageInput, ClassProbabilities)"/>
    public static ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses) => s_shared.Value.Refine(image, coarseClasses);

    /// <inheritdoc cref="Refiner.Refine{TImage, TMasks}(TImage, TMasks)"/>
    public static torch.Tensor Refine<TImage, TMasks>(TImage image, TMasks coarseMasks)
        where TImage : torch.Tensor where TMasks : torch.Tensor
        => s_shared.Value.Refine(image, coarseMasks);
}
