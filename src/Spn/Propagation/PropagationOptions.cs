namespace Spn.Propagation;

/// <summary>
/// Options of a propagation. The defaults are those of the paper: three-way connection, four directions, one maximum over the directions.
/// </summary>
/// <remarks>Immutable and therefore thread-safe.</remarks>
public sealed record PropagationOptions
{
    /// <summary>The directions to scan. Default: <see cref="ScanDirections.All"/>.</summary>
    public ScanDirections Directions { get; init; } = ScanDirections.All;

    /// <summary>
    /// The neighbours in the previous row or column to which a pixel is connected. Default: <see cref="GateConnection.ThreeWay"/>.
    /// </summary>
    public GateConnection Connection { get; init; } = GateConnection.ThreeWay;

    /// <summary>How raw guidance is normalised to gates. Default: <see cref="GateNormalization.Softmax"/>.</summary>
    public GateNormalization Normalization { get; init; } = GateNormalization.Softmax;

    /// <summary>How the results of the directions are combined. Default: <see cref="DirectionMerge.Max"/>.</summary>
    public DirectionMerge Merge { get; init; } = DirectionMerge.Max;

    /// <summary>
    /// Number of cascaded rounds, 1 or more. Each round scans the merged map of the previous one with the same gates, so more than one
    /// round requires a merge. Default: 1; the paper's models use 2.
    /// </summary>
    public int Rounds { get; init; } = 1;

    /// <summary>
    /// Maximum number of CPU threads per call, 1 or more; <see langword="null"/> (default) uses as many as libtorch. The result
    /// does not depend on it.
    /// </summary>
    public int? MaxThreads { get; init; }
}
