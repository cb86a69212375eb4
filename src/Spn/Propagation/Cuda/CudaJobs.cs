namespace Spn.Propagation.Cuda;

/// <summary>The operator's options, as the kernels are compiled for them.</summary>
internal readonly record struct CudaOperator(PropagationShape Shape, CudaScalar Scalar, GateNormalization Normalization, DirectionMerge Merge, bool HasXGate)
{
    /// <summary>Planes that share gates with a scan: gates, and λ where there is one.</summary>
    public int GateMaps => Shape.Gates + (HasXGate ? 1 : 0);

    public long MapElements => (long)Shape.Batch * Shape.Channels * Shape.Height * Shape.Width;

    public long GateElements => (long)Shape.Batch * Shape.DirectionCount * Shape.Gates * Shape.Groups * Shape.Height * Shape.Width;

    public long XGateElements => HasXGate ? (long)Shape.Batch * Shape.DirectionCount * Shape.Groups * Shape.Height * Shape.Width : 0;
}

/// <summary>The buffers of a forward round, on the device.</summary>
internal unsafe struct CudaForwardJob
{
    /// <summary>x <c>[N, C, H, W]</c>, guidance <c>[N, D·K·G, H, W]</c> and λ <c>[N, D·G, H, W]</c> of any strides.</summary>
    public CudaMap X, Guidance, XGate;

    /// <summary>The merged map <c>[N, C, H, W]</c>, contiguous; null without a merge.</summary>
    public void* Output;

    /// <summary>Every direction's map <c>[N, D, C, H, W]</c>, contiguous: the result without a merge, or kept for the backward pass; else null.</summary>
    public void* Hidden;

    /// <summary>The direction that won the maximum, <c>[N, C, H, W]</c>; null where nobody asks.</summary>
    public byte* Winners;
}

/// <summary>The buffers of a backward round, on the device.</summary>
internal unsafe struct CudaBackwardJob
{
    /// <summary>What came in, of any strides. The gradient is <c>[N, C, H, W]</c>, or <c>[N, D·C, H, W]</c> without a merge.</summary>
    public CudaMap X, Guidance, XGate, GradOutput;

    /// <summary>Every direction's map <c>[N, D, C, H, W]</c>, contiguous.</summary>
    public void* Hidden;

    /// <summary>The direction that won the maximum, <c>[N, C, H, W]</c>, contiguous.</summary>
    public byte* Winners;

    /// <summary>The results, contiguous; <see cref="GradXGate"/> is null without λ.</summary>
    public void* GradX;
    public void* GradGuidance;
    public void* GradXGate;
}
