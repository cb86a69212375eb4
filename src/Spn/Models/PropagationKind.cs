namespace Spn.Models;

/// <summary>The network that refines a mask with the guidance of its image.</summary>
public enum PropagationKind
{
    /// <summary>
    /// The module of the paper's slides: a convolution, the propagation, and a transposed convolution;
    /// <see cref="Torch.PropagationModule"/>.
    /// </summary>
    Linear,

    /// <summary>
    /// Convolutions that also see the image, around propagations at a quarter and at half of the image's size. Each pixel decides how much
    /// of the coarse mask to keep; <see cref="Torch.ResidualPropagationModule"/>.
    /// </summary>
    Residual,
}
