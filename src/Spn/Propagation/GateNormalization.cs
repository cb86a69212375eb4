namespace Spn.Propagation;

/// <summary>
/// How raw guidance r is normalised to gates p. In every mode, a gate that points outside the image is removed before normalisation, and x
/// takes its share.
/// </summary>
/// <remarks>
/// Stability (the paper's theorem): the scan is bounded if Σ|p| ≤ 1 at every pixel. Every mode except <see cref="None"/> guarantees this.
/// </remarks>
public enum GateNormalization
{
    /// <summary>p = r. The caller must guarantee Σ|r| ≤ 1.</summary>
    None,

    /// <summary>p = r / max(Σ|r|, 1): signed gates, as in the paper's demo.</summary>
    Clamped,

    /// <summary>p = r / max(Σ|r|, 1e-6): signed gates, as in the released Caffe models. If all r are positive, x has no share.</summary>
    AbsSum,

    /// <summary>p = e^r / (1 + Σe^r): non-negative gates with Σp &lt; 1. The remaining share, 1 - Σp, belongs to x.</summary>
    Softmax,

    /// <summary>p = σ(r) / Σσ(r) (GSPN): Σp = 1, so x has no share and an explicit input gate λ is required.</summary>
    NormalizedSigmoid,
}
