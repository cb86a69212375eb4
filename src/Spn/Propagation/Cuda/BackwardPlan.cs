namespace Spn.Propagation.Cuda;

/// <summary>What a backward round launches: the scans of all directions, then sums of what they left in parts.</summary>
/// <param name="Scan">The scan's layout.</param>
/// <param name="Parts">Blocks that share out a group's channels, each with sums of its own for the gates; 1 writes the gradients at once.</param>
/// <param name="GradXBytes">Scratch for ∂L/∂x by direction; 0 where there is one.</param>
/// <param name="GateBytes">Scratch for ∂L/∂p in parts.</param>
/// <param name="XGateBytes">Scratch for ∂L/∂λ in parts.</param>
/// <param name="StateBytes">Scratch that launches hand each other.</param>
internal sealed record BackwardPlan(ScanPlan Scan, int Parts, long GradXBytes, long GateBytes, long XGateBytes, long StateBytes)
{
    /// <summary>Device memory that the round needs besides its buffers.</summary>
    public long ScratchBytes => ForwardPlan.Aligned(GradXBytes) + ForwardPlan.Aligned(GateBytes) + ForwardPlan.Aligned(XGateBytes) + StateBytes;

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
            parts > 1 ? op.XGateElements * parts * real : 0,
            ForwardPlan.StateMemory(scan, op, directions));
    }
}
