using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Model;

/// <summary>
/// The minimum cost of a round with the planned scheme. Bytes: each plane once per pass over it; neighbouring blocks that read the same
/// pixels or gates at the same time are assumed to share them through the L2 cache. Chain: the sequential steps of the scan, with the
/// duration of a step on an idle device.
/// </summary>
/// <param name="Scheme">A description of the scheme.</param>
/// <param name="Launches">The number of sequential kernels.</param>
/// <param name="Steps">The number of sequential lines.</param>
/// <param name="ChainCycles">The cycles of these steps.</param>
/// <param name="Bytes">The bytes that the scheme reads and writes.</param>
/// <param name="FusedBytes">The bytes of the goal, a scheme that reads or writes each plane once.</param>
internal sealed record RoundCost(string Scheme, int Launches, int Steps, double ChainCycles, double Bytes, double FusedBytes)
{
    // Measured on other kernels: a step with shuffles, with 2 and 8 pixels per lane; with a barrier and shared memory; and with the shared
    // memory of another block.
    private const double TwoPixelStep = 45, EightPixelStep = 75, BarrierStep = 110, ClusterStep = 250;

    /// <summary>The cost of x → merged map.</summary>
    public static RoundCost Forward(in CudaOperator op, ForwardPlan plan, bool keepsHidden)
    {
        int d = op.Shape.DirectionCount;
        double map = Map(op), gates = Gates(op), winners = keepsHidden && HasWinners(op) ? op.MapElements : 0;
        double separate = 2 * d * map + gates;
        double saved = keepsHidden && op.Merge != DirectionMerge.None ? d * map + winners : 0;
        double fused = (op.Merge == DirectionMerge.None ? (1 + d) * map : 2 * map) + gates + saved;
        int lines = Lines(op.Shape);
        ScanPlan? scan = plan.Scan;
        double cycles = scan is null ? lines * PixelStep(ScanPlan.PixelsOf(op.Scalar)) : lines * Step(scan);
        switch (plan.Scheme)
        {
            case ForwardScheme.Plane:
                return new("in shared memory", 1, lines, cycles, 2 * map + gates, fused);
            case ForwardScheme.Direct:
                return new($"direct; {Layout(scan!)}", ScanLaunches(op.Shape, scan!), lines, cycles, separate, fused);
            case ForwardScheme.Accumulate:
                // Every direction except the first also reads the target.
                int columns = op.Shape.ColumnDirections * op.Shape.Width, rows = op.Shape.RowDirections * op.Shape.Height;
                double steps = columns * Step(scan!) + rows * Step(plan.Rows ?? scan!);
                return new(
                    $"one direction at a time; {Layout(scan!)}{(plan.Rows is null ? "" : $"; rows: {Layout(plan.Rows)}")}",
                    SequentialLaunches(op.Shape, plan), columns + rows, steps, separate + (d - 1) * map, fused);
            default:
                int launches = ScanLaunches(op.Shape, scan!) + 1;
                return new(
                    $"all directions, then merged; {Layout(scan!)}", launches, lines, cycles, separate + (d + 1) * map + winners, fused);
        }
    }

    /// <summary>The cost of ∂L/∂output → ∂L/∂x, ∂L/∂guidance, ∂L/∂λ.</summary>
    public static RoundCost Backward(in CudaOperator op, BackwardPlan plan)
    {
        int d = op.Shape.DirectionCount;
        double map = Map(op);
        double gates = Gates(op);
        double winners = HasWinners(op) ? op.MapElements : 0;
        double real = op.Scalar.RealSize();
        double size = op.Scalar.Size();
        double gradOutputs = op.Merge == DirectionMerge.None ? d : 1;
        double x = op.NeedsXBackward ? 1 : 0;
        double fused = (d + x + 1 + gradOutputs) * map + winners + 2 * gates;
        // Per direction: h, ∂L/∂output and, if needed, x, and its contribution to ∂L/∂x.
        double scan = d * ((2 + x) * map + winners) + gates + (d > 1 ? d * map * real / size : map)
            + (plan.Parts > 1 ? plan.Parts * gates * real / size : gates);
        double sumDirections = d > 1 ? d * map * real / size + map : 0;
        double sumGates = plan.Parts > 1 ? plan.Parts * gates * real / size + x * Guidance(op) + gates : 0;
        int launches = ScanLaunches(op.Shape, plan.Scan) + (d > 1 ? 1 : 0) + (plan.Parts > 1 ? 1 : 0), lines = Lines(op.Shape);
        string sums = (d > 1 ? ", sum over directions" : "") + (plan.Parts > 1 ? $", gates summed over {plan.Parts} parts" : "");
        return new($"scan{sums}; {Layout(plan.Scan)}", launches, lines, lines * Step(plan.Scan), scan + sumDirections + sumGates, fused);
    }

    /// <summary>
    /// Cycles per step: shuffles within the warp, and an exchange with other warps or blocks every <see cref="ScanPlan.Halo"/> steps.
    /// </summary>
    public static double Step(ScanPlan plan)
    {
        double exchange = plan.Cluster > 1 ? ClusterStep : plan.Warps > 1 ? BarrierStep : TwoPixelStep;
        return PixelStep(plan.Pixels) + (exchange - TwoPixelStep) / ScanPlan.Halo;
    }

    private static double PixelStep(int pixels) => TwoPixelStep + (EightPixelStep - TwoPixelStep) * (pixels - 2) / 6;

    private static string Layout(ScanPlan plan)
        => $"{plan.Pixels} px x {plan.Warps} warps, {plan.Channels} ch, {plan.Lines} x {plan.Stages} lines, " +
            $"{plan.Segments} {(plan.Cluster > 1 ? "blocks of a cluster" : "blocks")} per line";

    private static double Map(in CudaOperator op) => (double)op.MapElements * op.Scalar.Size();

    private static double Guidance(in CudaOperator op) => (double)op.GateElements * op.Scalar.Size();

    private static double Gates(in CudaOperator op) => Guidance(op) + (double)op.InputGateElements * op.Scalar.Size();

    private static bool HasWinners(in CudaOperator op) => op.Merge == DirectionMerge.Max && op.Shape.DirectionCount > 1;

    // The directions of a launch run in parallel.
    private static int Lines(in PropagationShape shape)
        => Math.Max(shape.ColumnDirections > 0 ? shape.Width : 0, shape.RowDirections > 0 ? shape.Height : 0);

    // As CudaPropagation launches them: without clusters, a long line takes several launches.
    private static int ScanLaunches(in PropagationShape shape, ScanPlan plan)
    {
        int tiles = (Lines(shape) + plan.Lines - 1) / plan.Lines;
        return plan.TilesPerLaunch > 0 ? (tiles + plan.TilesPerLaunch - 1) / plan.TilesPerLaunch : 1;
    }

    private static int SequentialLaunches(in PropagationShape shape, ForwardPlan plan)
        => shape.ColumnDirections * ScanLaunches(shape, plan.Scan!) + shape.RowDirections * ScanLaunches(shape, plan.Rows ?? plan.Scan!);
}
