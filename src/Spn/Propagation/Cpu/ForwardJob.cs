namespace Spn.Propagation.Cpu;

/// <summary>The buffers of one forward round, contiguous as <see cref="PropagationShape"/> tells, and how it is cut into units of work.</summary>
internal unsafe struct ForwardJob<T>
    where T : unmanaged
{
    public PropagationShape Shape;
    public DirectionMerge Merge;
    public T* X;
    public T* Guidance;

    /// <summary>λ, or null.</summary>
    public T* InputGate;

    /// <summary>The merged map; null where nothing is merged.</summary>
    public T* Output;

    /// <summary>Every direction's map: the result without a merge, kept for the backward pass, or scratch; null where merging happens on the way.</summary>
    public T* Hidden;

    /// <summary>The direction that won the maximum, a byte a pixel; null where nobody asks.</summary>
    public byte* Winners;

    /// <summary>The rows' merged map, to be joined with the columns' in <see cref="Output"/>; null where rows merge straight into it.</summary>
    public T* Rows;

    /// <summary>Runs of channels a gate group is cut into; each reads and normalises the group's gates again.</summary>
    public int Chunks;

    /// <summary>How the directions of a run of channels are shared out.</summary>
    public DirectionSplit Split;
}

/// <summary>How many units of work the directions of a run of channels make.</summary>
internal enum DirectionSplit
{
    /// <summary>One: all directions in turn.</summary>
    Together,

    /// <summary>Two: columns into the output, rows into a map of their own, joined afterwards.</summary>
    BySweep,

    /// <summary>One each, every direction into a map of its own, merged afterwards.</summary>
    ByDirection,
}
