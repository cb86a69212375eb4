namespace Spn.Propagation;

/// <summary>What a propagation computes. The defaults are the paper's: three-way, four directions, max merge.</summary>
/// <remarks>Immutable, so one instance may serve any number of threads.</remarks>
public sealed record PropagationOptions
{
    /// <summary>The scans to run. Default <see cref="ScanDirections.All"/>.</summary>
    public ScanDirections Directions { get; init; } = ScanDirections.All;

    /// <summary>Which neighbours in the previous row or column a pixel hears. Default <see cref="GateConnection.ThreeWay"/>.</summary>
    public GateConnection Connection { get; init; } = GateConnection.ThreeWay;

    /// <summary>How raw guidance becomes gates. Default <see cref="GateNormalization.Softmax"/>.</summary>
    public GateNormalization Normalization { get; init; } = GateNormalization.Softmax;

    /// <summary>How the directions' results become one map. Default <see cref="DirectionMerge.Max"/>.</summary>
    public DirectionMerge Merge { get; init; } = DirectionMerge.Max;

    /// <summary>
    /// Cascaded rounds (scan, merge, scan the merged map again) that reuse the gates, 1 or more. Default 1; the paper's models use 2.
    /// More than one needs a merge.
    /// </summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Threads a call may use on the CPU, 1 or more; <see langword="null"/> (default) takes <c>torch.get_num_threads()</c>. The result does not depend on it.</summary>
    public int? MaxThreads { get; init; }
}
