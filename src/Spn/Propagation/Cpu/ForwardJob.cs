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
    public T* XGate;

    /// <summary>The merged map; null where nothing is merged.</summary>
    public T* Output;

    /// <summary>Every direction's map: the result without a merge, kept for the backward pass, or scratch; null where merging happens on the way.</summary>
    public T* Hidden;

    /// <summary>The direction that won the maximum, a byte a pixel; null where nobody asks.</summary>
    public byte* Winners;

    /// <summary>Runs of channels a gate group is cut into; each reads and normalises the group's gates again.</summary>
    public int Chunks;

    /// <summary>Each direction is a unit of its own, merged afterwards.</summary>
    public bool ByDirection;
}
