namespace Spn;

/// <summary>How far a refinement is.</summary>
/// <param name="Image">The pair's place in its sequence; 0 for a single mask.</param>
/// <param name="Fraction">The share of this pair's steps that are done, 0..1; the steps (reading, guidance and propagation of each tile, output) take different times. 1 comes with the result.</param>
public readonly record struct RefineProgress(int Image, double Fraction);
