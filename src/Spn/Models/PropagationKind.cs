namespace Spn.Models;

/// <summary>What happens to a mask between the guidance and the result.</summary>
public enum PropagationKind
{
    /// <summary>The slides' module: one convolution, the propagation, one transposed convolution; <see cref="Torch.PropagationModule"/>.</summary>
    Linear,

    /// <summary>
    /// Single convolutions that also see the image stand around propagation at a quarter and at half of the image's size, and each pixel decides how much of the
    /// input mask to keep; <see cref="Torch.ResidualPropagationModule"/>.
    /// </summary>
    Residual,
}
