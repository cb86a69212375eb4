namespace Spn.Guidance;

/// <summary>What happens to a mask between the guidance and the result.</summary>
public enum PropagationKind
{
    /// <summary>The slides' module: one convolution, the propagation, one transposed convolution; <see cref="PropagationModule"/>.</summary>
    Linear,

    /// <summary>
    /// Small networks that also look at the image stand before and after one round of propagation, and each pixel decides how much of the
    /// input mask to keep; <see cref="ResidualPropagationModule"/>.
    /// </summary>
    Residual,
}
