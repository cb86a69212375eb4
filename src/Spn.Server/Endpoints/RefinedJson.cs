namespace Spn.Server.Endpoints;

/// <summary>A refined mask with its report.</summary>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Model">The name by which the request chooses it.</param>
/// <param name="ChangedShare">The share of the pixels that changed sides, 0..1.</param>
/// <param name="MeanChange">The mean of |refined - coarse|, 0..1.</param>
/// <param name="Tiles">See <see cref="RefineReport.Tiles"/>.</param>
/// <param name="SkippedTiles">See <see cref="RefineReport.SkippedTiles"/>.</param>
/// <param name="Milliseconds">Where the time went.</param>
/// <param name="Png">The refined mask or label map, in Base64.</param>
internal sealed record RefinedJson(
    int Width, int Height, string Model, double ChangedShare, double MeanChange, int Tiles, int SkippedTiles,
    RefinedJson.Times Milliseconds, ReadOnlyMemory<byte> Png)
{
    /// <summary>The names and types for OpenAPI.</summary>
    public static readonly (string Name, string Type)[] Properties =
    [
        ("width", "integer"), ("height", "integer"), ("model", "string"), ("changedShare", "number"), ("meanChange", "number"),
        ("tiles", "integer"), ("skippedTiles", "integer"), ("milliseconds", "object"), ("png", "string"),
    ];

    internal sealed record Times(double Input, double Guidance, double Propagation, double Output, double Total);
}
