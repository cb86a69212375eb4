namespace Spn.Cli.Output;

/// <summary>The report of <c>spn compare --json</c>. Every figure is in 0..1.</summary>
/// <param name="Truth">The mask that counts as correct.</param>
/// <param name="Masks">The others.</param>
internal sealed record CompareJson(string Truth, IReadOnlyList<CompareJson.Scores> Masks)
{
    internal sealed record Scores(string Mask, double Iou, double BoundaryIou, double Mba);
}
