namespace Spn.Propagation.Cuda;

/// <summary>Names the kernels and the macros with which they are compiled.</summary>
internal static class CudaKernels
{
    public static CudaKernel Forward(in CudaOperator op, ScanPlan plan)
        => new("forward.cu", "spn_forward", Defines(op, plan.Pixels, plan.ChannelBound, plan.Lines, plan.Stages));

    public static CudaKernel Backward(in CudaOperator op, ScanPlan plan)
        => new("backward.cu", "spn_backward", Defines(op, plan.Pixels, plan.ChannelBound, plan.Lines, plan.Stages));

    public static CudaKernel Plane(in CudaOperator op)
        => new(
            "plane.cu", "spn_plane",
            Defines(op, ForwardPlan.PlanePixelsOf(op.Shape), 1, ScanPlan.SectorLines(op.Scalar), ForwardPlan.PlaneStages));

    public static CudaKernel SumGates(in CudaOperator op) => new("sum.cu", "spn_sum_gates", Defines(op, 1, 1, 4, 2));

    public static CudaKernel Merge(CudaScalar scalar) => new("merge.cu", "spn_merge", Defines(scalar));

    public static CudaKernel SumDirections(CudaScalar scalar) => new("sum.cu", "spn_sum_directions", Defines(scalar));

    private static string Defines(in CudaOperator op, int pixels, int channels, int lines, int stages)
        => $"SPN_SCALAR={(int)op.Scalar} SPN_PIXELS={pixels} SPN_CHANNELS={channels} SPN_LINES={lines} SPN_STAGES={stages} " +
           $"SPN_NORMALIZATION={(int)op.Normalization} SPN_GATES={op.Shape.Gates} SPN_INPUT_GATE={(op.HasInputGate ? 1 : 0)}";

    // These kernels depend only on the element type; the other macros may have any value.
    private static string Defines(CudaScalar scalar) => $"SPN_SCALAR={(int)scalar} SPN_PIXELS=1 SPN_CHANNELS=1 SPN_LINES=4 SPN_STAGES=2";
}
