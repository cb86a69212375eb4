namespace Spn.Propagation;

/// <summary>How the directions' results become one map.</summary>
public enum DirectionMerge
{
    /// <summary>The node-wise maximum (the paper). Its gradient goes to the winning direction, on ties to the first.</summary>
    Max,

    /// <summary>The mean: linear, so constants and 1 - x pass through it.</summary>
    Mean,

    /// <summary>Keep every direction: the result is <c>[N, D, C, H, W]</c>, for a mix that is learned.</summary>
    None,
}
