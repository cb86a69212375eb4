namespace Spn.Evaluation.Coarse;

/// <summary>The seven kinds of coarse masks with which every method is evaluated.</summary>
internal static class CoarseKinds
{
    public static IReadOnlyList<CoarseKind> All { get; } =
    [
        new NetworkOutput("net8", stride: 8, blur: 0.7, noise: 0.05),
        new NetworkOutput("net24", stride: 24, blur: 0.5, noise: 0.1),
        new Bumps(),
        new Polygon(),
        new Shift(),
        new Grow(),
        new Exact(),
    ];

    /// <summary>Kinds with small errors, which leave little to correct.</summary>
    public static IReadOnlyList<CoarseKind> NearlyRight { get; } =
    [
        new NetworkOutput("fine-net", stride: 4, blur: 0.3, noise: 0),
        new Bumps("few-bumps", discs: 4),
        new Polygon("fine-polygon", min: 1, max: 3),
        new Shift("small-shift", min: 0.5, max: 3),
        new Smooth("smooth", isHard: true),
        new Smooth("soft", isHard: false),
        new Exact(),
    ];

    public static IReadOnlyList<CoarseKind> Named(IEnumerable<string> names)
        => [.. names.Distinct().Select(name => All.FirstOrDefault(kind => kind.Name == name)
            ?? throw new ArgumentException(
                $"The kind '{name}' does not exist; expected {string.Join(", ", All.Select(kind => kind.Name))}."))];
}
