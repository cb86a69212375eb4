namespace Spn.Cli.Commands;

/// <summary>The files that <c>spn refine</c> writes.</summary>
/// <param name="Mask">The refined mask, or <c>-</c>.</param>
/// <param name="CutOut">The object without its background; <see langword="null"/> if it is not asked for.</param>
/// <param name="Comparison">The comparison; <see langword="null"/> if it is not asked for.</param>
internal sealed record Outputs(string Mask, string? CutOut, string? Comparison)
{
    public IEnumerable<string> All => new[] { Mask, CutOut, Comparison }.OfType<string>();
}
