namespace Spn.Models;

/// <summary>
/// What a method has found out about one image. One call at a time uses it. Disposing it frees its memory; a refiner disposes it after its
/// last call.
/// </summary>
public interface IGuidance : IDisposable
{
    /// <summary>The propagation pass: refines masks, each independently of the others.</summary>
    /// <param name="masks"><c>[K, height, width]</c>, probabilities in 0..1, K of 1 or more.</param>
    /// <param name="refined">
    /// Receives the refined masks, <c>[K, height, width]</c>, in 0..1; it does not overlap <paramref name="masks"/>. A refiner refuses NaN and
    /// values outside 0..1.
    /// </param>
    void Propagate(ReadOnlySpan<float> masks, Span<float> refined);
}
