namespace Spn.Propagation.Cpu;

/// <summary>The buffers of one backward round, contiguous as <see cref="PropagationShape"/> tells, and how it is cut into units of work.</summary>
internal unsafe struct BackwardJob<T>
    where T : unmanaged
{
    public PropagationShape Shape;
    public DirectionMerge Merge;
    public T* X;
    public T* Guidance;

    /// <summary>λ, or null.</summary>
    public T* InputGate;

    /// <summary>Every direction's map, from the forward pass.</summary>
    public T* Hidden;

    /// <summary>The direction that won the maximum; only with <see cref="DirectionMerge.Max"/>.</summary>
    public byte* Winners;

    /// <summary>∂L/∂output: <c>[N, C, H, W]</c>, or <c>[N, D, C, H, W]</c> without a merge. Only read.</summary>
    public T* GradOutput;

    public T* GradX;
    public T* GradGuidance;
    public T* GradInputGate;

    /// <summary>Each direction's share of ∂L/∂x, <c>[N, D, C, H, W]</c>, where each direction is a unit of its own; else null.</summary>
    public T* GradXParts;

    public readonly bool ByDirection => GradXParts != null;
}
