namespace Spn;

/// <summary>Progress of a refinement.</summary>
/// <param name="Image">The position of the pair in its sequence; 0 for a single call.</param>
/// <param name="Fraction">
/// The share of this call's steps that are done, 0..1. The steps (input, guidance and propagation of each tile, output) take different
/// times. 1 is reported with the result.
/// </param>
public readonly record struct RefineProgress(int Image, double Fraction);
