namespace Spn.Propagation.Cpu;

/// <summary>
/// The buffers of one forward round, in the layout of <see cref="PropagationShape"/>, and how it is divided into units of work.
/// </summary>
internal unsafe struct ForwardJob<T>
    where T : unmanaged
{
    public PropagationShape Shape;
    public DirectionMerge Merge;
    public T* X;
    public T* Guidance;

    /// <summary>λ, or null.</summary>
    public T* InputGate;

    /// <summary>The merged map; null without a merge.</summary>
    public T* Output;

    /// <summary>
    /// The maps of all directions: the result without a merge, saved for the backward pass, or scratch memory; null if directions are
    /// merged during the scan.
    /// </summary>
    public T* Hidden;

    /// <summary>The direction that has the maximum, one byte per element; null if it is not needed.</summary>
    public byte* Winners;

    /// <summary>
    /// The merged map of the row directions, which is then merged into <see cref="Output"/>; null if they are merged there directly.
    /// </summary>
    public T* Rows;

    /// <summary>
    /// The number of parts into which the channels of a gate group are divided. Each part reads and normalises the gates again.
    /// </summary>
    public int Chunks;

    /// <summary>How the directions of a part are divided into units.</summary>
    public DirectionSplit Split;
}

/// <summary>How the directions of some channels are divided into units of work.</summary>
internal enum DirectionSplit
{
    /// <summary>One unit for all directions.</summary>
    Together,

    /// <summary>Two units: columns into the output, and rows into a separate map that is merged afterwards.</summary>
    BySweep,

    /// <summary>One unit per direction, each into a separate map. They are merged afterwards.</summary>
    ByDirection,
}
