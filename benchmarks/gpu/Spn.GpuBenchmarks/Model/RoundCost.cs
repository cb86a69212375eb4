using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Model;

/// <summary>
/// What a round's scheme, as it was planned, cannot do without. Bytes: each plane once for every pass over it; neighbouring blocks that read the same pixels or
/// gates at the same time are taken to share them through the L2 cache. Chain: the scan's steps, one after the other, by what a step takes on an idle device.
/// </summary>
/// <param name="Scheme">In words.</param>
/// <param name="Launches">Kernels one after the other.</param>
/// <param name="Steps">Lines one after the other.</param>
/// <param name="ChainCycles">What they take.</param>
/// <param name="Bytes">Read and written by the scheme.</param>
/// <param name="FusedBytes">Read and written by one that touches each plane once, which is the goal.</param>
internal sealed record RoundCost(string Scheme, int Launches, int Steps, double ChainCycles, double Bytes, double FusedBytes)
{
    // Measured on other kernels: a step by shuffles with 2 and 8 pixels a lane, through shared memory with a barrier, and through another block's.
    private const double TwoPixelStep = 45, EightPixelStep = 75, BarrierStep = 110, ClusterStep = 250;

    /// <summary>x → merged map.</summary>
    public static RoundCost Forward(in CudaOperator op, ForwardPlan plan, bool keepsHidden)
    {
        int d = op.Shape.DirectionCount;
        double map = Map(op), gates = Gates(op), winners = keepsHidden && HasWinners(op) ? op.MapElements : 0;
        double separate = 2 * d * map + gates;
        double fused = (op.Merge == DirectionMerge.None ? (1 + d) * map : 2 * map) + gates + (keepsHidden && op.Merge != DirectionMerge.None ? d * map + winners : 0);
        int lines = Lines(op.Shape);
        return plan.Scheme switch
        {
            ForwardScheme.Plane => new("on chip", 1, lines, lines * PixelStep(ForwardPlan.PlanePixelsOf(op.Shape)), 2 * map + gates, fused),
            ForwardScheme.Direct => new($"straight; {Layout(plan.Scan!)}", ScanLaunches(op.Shape, plan.Scan!), lines, lines * Step(plan.Scan!), separate, fused),
            // Every direction but the first reads what is there.
            ForwardScheme.Accumulate => new(
                $"one by one; {Layout(plan.Scan!)}", LaunchesOneByOne(op.Shape, plan.Scan!), LinesOneByOne(op.Shape), LinesOneByOne(op.Shape) * Step(plan.Scan!),
                separate + (d - 1) * map, fused),
            _ => new($"all, then merged; {Layout(plan.Scan!)}", ScanLaunches(op.Shape, plan.Scan!) + 1, lines, lines * Step(plan.Scan!), separate + (d + 1) * map + winners, fused),
        };
    }

    /// <summary>∂L/∂output → ∂L/∂x, ∂L/∂guidance, ∂L/∂λ.</summary>
    public static RoundCost Backward(in CudaOperator op, BackwardPlan plan)
    {
        int d = op.Shape.DirectionCount;
        double map = Map(op), gates = Gates(op), winners = HasWinners(op) ? op.MapElements : 0, real = op.Scalar.RealSize(), size = op.Scalar.Size();
        double gradOutputs = op.Merge == DirectionMerge.None ? d : 1;
        double fused = (d + 2 + gradOutputs) * map + winners + 2 * gates;
        // x, h and ∂L/∂output a direction, and ∂L/∂x of each to be added.
        double scan = d * (3 * map + winners) + gates + (d > 1 ? d * map * real / size : map) + (plan.Parts > 1 ? plan.Parts * gates * real / size : gates);
        double sumDirections = d > 1 ? d * map * real / size + map : 0;
        double sumGates = plan.Parts > 1 ? plan.Parts * gates * real / size + Guidance(op) + gates : 0;
        int launches = ScanLaunches(op.Shape, plan.Scan) + (d > 1 ? 1 : 0) + (plan.Parts > 1 ? 1 : 0), lines = Lines(op.Shape);
        string sums = (d > 1 ? ", directions added" : "") + (plan.Parts > 1 ? $", gates of {plan.Parts} parts added" : "");
        return new($"scan{sums}; {Layout(plan.Scan)}", launches, lines, lines * Step(plan.Scan), scan + sumDirections + sumGates, fused);
    }

    /// <summary>Cycles of a step: shuffles within the warp, and every <see cref="ScanPlan.Halo"/> steps an exchange with other warps or blocks.</summary>
    public static double Step(ScanPlan plan)
    {
        double exchange = plan.Cluster > 1 ? ClusterStep : plan.Warps > 1 ? BarrierStep : TwoPixelStep;
        return PixelStep(plan.Pixels) + (exchange - TwoPixelStep) / ScanPlan.Halo;
    }

    private static double PixelStep(int pixels) => TwoPixelStep + (EightPixelStep - TwoPixelStep) * (pixels - 2) / 6;

    private static string Layout(ScanPlan plan)
        => $"{plan.Pixels} px x {plan.Warps} warps, {plan.Channels} ch, {plan.Lines} x {plan.Stages} lines, {plan.Segments} {(plan.Cluster > 1 ? "of a cluster" : "blocks")} a line";

    private static double Map(in CudaOperator op) => (double)op.MapElements * op.Scalar.Size();

    private static double Guidance(in CudaOperator op) => (double)op.GateElements * op.Scalar.Size();

    private static double Gates(in CudaOperator op) => Guidance(op) + (double)op.InputGateElements * op.Scalar.Size();

    private static bool HasWinners(in CudaOperator op) => op.Merge == DirectionMerge.Max && op.Shape.DirectionCount > 1;

    // Directions of a launch go side by side.
    private static int Lines(in PropagationShape shape) => Math.Max(shape.ColumnDirections > 0 ? shape.Width : 0, shape.RowDirections > 0 ? shape.Height : 0);

    private static int LinesOneByOne(in PropagationShape shape) => shape.ColumnDirections * shape.Width + shape.RowDirections * shape.Height;

    // As CudaPropagation launches them: without clusters a long line takes several.
    private static int ScanLaunches(in PropagationShape shape, ScanPlan plan)
    {
        int tiles = (Lines(shape) + plan.Lines - 1) / plan.Lines;
        return plan.TilesPerLaunch > 0 ? (tiles + plan.TilesPerLaunch - 1) / plan.TilesPerLaunch : 1;
    }

    private static int LaunchesOneByOne(in PropagationShape shape, ScanPlan plan) => shape.DirectionCount * ScanLaunches(shape, plan);
}
