namespace Spn.Propagation;

/// <summary>
/// How raw guidance r becomes gates p. A gate that points outside the image is removed first, in every mode; its share goes back to x.
/// </summary>
/// <remarks>Stability (the paper's theorem): Σ|p| ≤ 1 at every pixel keeps the scan bounded. Every mode but <see cref="None"/> guarantees it.</remarks>
public enum GateNormalization
{
    /// <summary>p = r. The caller guarantees Σ|r| ≤ 1.</summary>
    None,

    /// <summary>p = r / Σ|r| where Σ|r| &gt; 1, else r: signed gates, as in the paper's demo.</summary>
    Clamped,

    /// <summary>p = r / max(Σ|r|, 1e-6): signed gates, as in the released Caffe models. With all-positive r nothing is left for x.</summary>
    AbsSum,

    /// <summary>p = e^r / (1 + Σe^r): non-negative gates with Σp &lt; 1; the missing share is x's own.</summary>
    Softmax,

    /// <summary>p = σ(r) / Σσ(r) (GSPN): Σp = 1, so nothing is left for x, and an explicit x gate λ is required.</summary>
    SigmoidShare,
}
