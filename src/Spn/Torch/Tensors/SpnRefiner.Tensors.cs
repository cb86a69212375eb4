using TorchSharp;

namespace Spn;

/// <content>Tensors.</content>
public static partial class SpnRefiner
{
    /// <inheritdoc cref="Refiner.Refine{TImage, TMasks}(TImage, TMasks)"/>
    public static torch.Tensor Refine<TImage, TMasks>(TImage image, TMasks coarseMasks)
        where TImage : torch.Tensor where TMasks : torch.Tensor
        => s_shared.Value.Refine(image, coarseMasks);
}
