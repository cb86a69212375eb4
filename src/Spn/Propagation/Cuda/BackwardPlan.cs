namespace Spn.Propagation.Cuda;

/// <summary>The launches of a backward round: the scans of all directions, then the sums of their partial results.</summary>
/// <param name="Scan">The layout of the scan.</param>
/// <param name="Parts">
/// Number of blocks that divide a group's channels among them. Each computes partial sums for the gates; with 1, the gradients are written
/// directly.
/// </param>
/// <param name="GradXBytes">Scratch memory for ∂L/∂x per direction; 0 for a single direction.</param>
/// <param name="GateBytes">Scratch memory for the partial sums of ∂L/∂p.</param>
/// <param name="InputGateBytes">Scratch memory for the partial sums of ∂L/∂λ.</param>
/// <param name="StateBytes">Scratch memory for the scan state that is passed between launches.</param>
internal sealed record BackwardPlan(ScanPlan Scan, int Parts, long GradXBytes, long GateBytes, long InputGateBytes, long StateBytes)
{
    /// <summary>Device memory that the round needs in addition to its buffers.</summary>
    public long ScratchBytes
        => ForwardPlan.Aligned(GradXBytes) + ForwardPlan.Aligned(GateBytes) + ForwardPlan.Aligned(InputGateBytes) + StateBytes;

    public static BackwardPlan Make(in CudaLimits limits, in CudaOperator op)
    {
        int directions = op.Shape.DirectionCount, real = op.Scalar.RealSize();
        ScanPlan scan = ScanPlan.Make(limits, op, directions, backward: true);
        int parts = scan.Chunks(op.Shape);
        return new BackwardPlan(
            scan,
            parts,
            directions > 1 ? op.MapElements * directions * real : 0,
            parts > 1 ? op.GateElements * parts * real : 0,
            parts > 1 ? op.InputGateElements * parts * real : 0,
            ForwardPlan.StateMemory(scan, op, directions));
    }
}
