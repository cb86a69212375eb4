namespace Spn.Propagation.Cpu;

/// <summary>
/// The buffers of one backward round, in the layout of <see cref="PropagationShape"/>, and how it is divided into units of work.
/// </summary>
internal unsafe struct BackwardJob<T>
    where T : unmanaged
{
    public PropagationShape Shape;
    public DirectionMerge Merge;
    public T* X;
    public T* Guidance;

    /// <summary>λ, or null.</summary>
    public T* InputGate;

    /// <summary>The maps of all directions, from the forward pass.</summary>
    public T* Hidden;

    /// <summary>The direction that has the maximum; only with <see cref="DirectionMerge.Max"/>.</summary>
    public byte* Winners;

    /// <summary>∂L/∂output: <c>[N, C, H, W]</c>, or <c>[N, D, C, H, W]</c> without a merge. Read-only.</summary>
    public T* GradOutput;

    public T* GradX;
    public T* GradGuidance;
    public T* GradInputGate;

    /// <summary>The contribution of each direction to ∂L/∂x, <c>[N, D, C, H, W]</c>, if each direction is a unit; otherwise null.</summary>
    public T* GradXParts;

    public readonly bool ByDirection => GradXParts != null;
}
