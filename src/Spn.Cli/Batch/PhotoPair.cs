namespace Spn.Cli.Batch;

/// <summary>One photo of a batch with its mask and its output.</summary>
/// <param name="Name">The photo's path below its folder, with <c>/</c>, the same on every system.</param>
/// <param name="Photo">The photo's path.</param>
/// <param name="Mask">The mask's path; <see langword="null"/> if it has none.</param>
/// <param name="Output">The path of the refined mask.</param>
/// <param name="Obstacle">Why the pair cannot be refined; <see langword="null"/> if it can.</param>
internal sealed record PhotoPair(string Name, string Photo, string? Mask, string Output, string? Obstacle);
