namespace Spn;

/// <summary>A refined result with its report.</summary>
/// <param name="Result">A mask, several masks, a label map, or class probabilities.</param>
/// <param name="Report">Where the time went, and how much changed.</param>
/// <typeparam name="T">The kind of result.</typeparam>
public readonly record struct Refined<T>(T Result, RefineReport Report);
