namespace Spn.Propagation.Cuda;

/// <summary>Names the kernels and the macros with which they are compiled.</summary>
internal static class CudaKernels
{
    /// <param name="op">The operator.</param>
    /// <param name="plan">The layout of the scan.</param>
    /// <param name="vector">Bytes per access to global memory: see <see cref="CudaMap.Vector"/>.</param>
    /// <param name="directions">The directions of the launch.</param>
    /// <param name="combine">How the result is combined with that of earlier directions.</param>
    public static CudaKernel Forward(in CudaOperator op, ScanPlan plan, int vector, ScanDirections directions, CudaCombine combine)
        => new("forward.cu", "spn_forward", $"{Defines(op, plan, vector)} SPN_DIRECTIONS={(int)directions} SPN_COMBINE={(int)combine}");

    /// <param name="op">The operator.</param>
    /// <param name="plan">The layout of the scan.</param>
    /// <param name="vector">Bytes per access to global memory: see <see cref="CudaMap.Vector"/>.</param>
    /// <param name="inParts">Whether the gradients of the gates are partial sums.</param>
    public static CudaKernel Backward(in CudaOperator op, ScanPlan plan, int vector, bool inParts)
        => new(
            "backward.cu", "spn_backward",
            $"{Defines(op, plan, vector)} SPN_DIRECTIONS={(int)op.Shape.Directions} SPN_WINNERS={Flag(op.HasWinners)} " +
            $"SPN_X_BY_DIRECTION={Flag(op.Shape.DirectionCount > 1)} SPN_IN_PARTS={Flag(inParts)}");

    public static CudaKernel Plane(in CudaOperator op, int vector)
    {
        int group = op.Scalar == CudaScalar.Float64 ? 2 : 4;
        return new(
            "plane.cu", "spn_plane",
            Defines(op, 1, ScanPlan.SectorLines(op.Scalar), group, ForwardPlan.PlaneStages) + $" SPN_VECTOR={vector} SPN_WARPS=1");
    }

    public static CudaKernel SumGates(in CudaOperator op)
        => new("sum.cu", "spn_sum_gates", Defines(op, 1, ScanPlan.SectorLines(op.Scalar), 2, 2));

    public static CudaKernel Merge(CudaScalar scalar) => new("merge.cu", "spn_merge", $"SPN_SCALAR={(int)scalar}");

    public static CudaKernel SumDirections(CudaScalar scalar)
        => new(
            "sum.cu", "spn_sum_directions",
            $"SPN_SCALAR={(int)scalar} SPN_PIXELS={ScanPlan.PixelsOf(scalar)} SPN_CHANNELS=1 SPN_LINES={ScanPlan.SectorLines(scalar)} " +
            "SPN_GROUP=2 SPN_STAGES=2");

    private static string Defines(in CudaOperator op, ScanPlan plan, int vector)
        => Defines(op, plan.ChannelBound, plan.Lines, plan.Group, plan.Stages) + $" SPN_VECTOR={vector} SPN_WARPS={plan.Warps}";

    private static string Defines(in CudaOperator op, int channels, int lines, int group, int stages)
        => $"SPN_SCALAR={(int)op.Scalar} SPN_PIXELS={ScanPlan.PixelsOf(op.Scalar)} SPN_CHANNELS={channels} SPN_LINES={lines} " +
           $"SPN_GROUP={group} SPN_STAGES={stages} SPN_NORMALIZATION={(int)op.Normalization} SPN_GATES={op.Shape.Gates} " +
           $"SPN_INPUT_GATE={Flag(op.HasInputGate)}";

    private static int Flag(bool value) => value ? 1 : 0;
}
