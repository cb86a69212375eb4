namespace Spn.Propagation.Cuda;

/// <summary>The operator's parameters for which the kernels are compiled.</summary>
internal readonly record struct CudaOperator(
    PropagationShape Shape, CudaScalar Scalar, GateNormalization Normalization, DirectionMerge Merge, bool HasInputGate)
{
    /// <summary>Number of gate planes per scan: the gates, and λ if it is given.</summary>
    public int GateMaps => Shape.Gates + (HasInputGate ? 1 : 0);

    /// <summary>Whether the forward pass stores the index of the direction with the maximum.</summary>
    public bool HasWinners => Merge == DirectionMerge.Max && Shape.DirectionCount > 1;

    /// <summary>Whether the backward scan reads x. With softmax and without λ, h is enough.</summary>
    public bool NeedsXBackward => HasInputGate || Normalization != GateNormalization.Softmax;

    public long MapElements => (long)Shape.Batch * Shape.Channels * Shape.Height * Shape.Width;

    public long GateElements => (long)Shape.Batch * Shape.DirectionCount * Shape.Gates * Shape.Groups * Shape.Height * Shape.Width;

    public long InputGateElements
        => HasInputGate ? (long)Shape.Batch * Shape.DirectionCount * Shape.Groups * Shape.Height * Shape.Width : 0;
}

/// <summary>The device buffers of a forward round.</summary>
internal unsafe struct CudaForwardJob
{
    /// <summary>x <c>[N, C, H, W]</c>, guidance <c>[N, D·K·G, H, W]</c> and λ <c>[N, D·G, H, W]</c>, with any strides.</summary>
    public CudaMap X, Guidance, InputGate;

    /// <summary>The merged map <c>[N, C, H, W]</c>, contiguous; null without a merge.</summary>
    public void* Output;

    /// <summary>
    /// The map of every direction <c>[N, D, C, H, W]</c>, contiguous: the result if there is no merge, or the maps saved for the backward
    /// pass; otherwise null.
    /// </summary>
    public void* Hidden;

    /// <summary>The index of the direction with the maximum, <c>[N, C, H, W]</c>; null if it is not needed.</summary>
    public byte* Winners;
}

/// <summary>The device buffers of a backward round.</summary>
internal unsafe struct CudaBackwardJob
{
    /// <summary>The inputs, with any strides. ∂L/∂output is <c>[N, C, H, W]</c>, or <c>[N, D·C, H, W]</c> without a merge.</summary>
    public CudaMap X, Guidance, InputGate, GradOutput;

    /// <summary>The map of every direction <c>[N, D, C, H, W]</c>, contiguous.</summary>
    public void* Hidden;

    /// <summary>The index of the direction with the maximum, <c>[N, C, H, W]</c>, contiguous.</summary>
    public byte* Winners;

    /// <summary>The results, contiguous; <see cref="GradInputGate"/> is null without λ.</summary>
    public void* GradX;
    public void* GradGuidance;
    public void* GradInputGate;
}
