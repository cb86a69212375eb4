namespace Spn.Propagation;

/// <summary>How the results of the directions are combined into one map.</summary>
public enum DirectionMerge
{
    /// <summary>
    /// The element-wise maximum, as in the paper. Its gradient goes to the winning direction; on a tie, to the first of them.
    /// </summary>
    Max,

    /// <summary>The mean. It is linear, so it preserves constants, and propagating 1 - x gives 1 minus the result for x.</summary>
    Mean,

    /// <summary>No merge. The result keeps every direction, <c>[N, D, C, H, W]</c>, for example for a learned merge.</summary>
    None,
}
