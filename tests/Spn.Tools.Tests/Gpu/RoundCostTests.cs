using Spn.GpuBenchmarks.Model;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Tools.Tests.Gpu;

/// <summary>The bytes and chains of the benchmarks' floors, against those reckoned by hand: planes of a map and direction, as multiples of the map.</summary>
public sealed class RoundCostTests
{
    private static readonly CudaLimits s_hopper = new(90, 132, 227 << 10, 8);
    private static readonly CudaLimits s_ampere = new(80, 108, 163 << 10, 1);

    [Theory]
    [InlineData(16, 8, 8, ScanDirections.LeftToRight, 5, 5)] // x, three gates, h
    [InlineData(16, 8, 1, ScanDirections.LeftToRight, 2 + 3.0 / 8, 2 + 3.0 / 8)]
    [InlineData(16, 8, 8, ScanDirections.All, 23, 14)] // a running maximum in memory; the goal touches x and the result once
    [InlineData(16, 8, 1, ScanDirections.All, 11 + 12.0 / 8, 2 + 12.0 / 8)]
    [InlineData(1, 8, 8, ScanDirections.All, 25, 14)] // too few blocks a direction: four maps, then merged
    public void Forward_rounds_transfer_the_bytes_of_their_scheme(int batch, int channels, int groups, ScanDirections directions, double scheme, double fused)
    {
        CudaOperator op = Operator(batch, channels, 1024, groups, directions);
        Check(op, RoundCost.Forward(op, ForwardPlan.Make(s_hopper, op, keepsHidden: false), keepsHidden: false), scheme, fused);
    }

    [Fact]
    public void A_plane_in_shared_memory_transfers_the_bytes_of_the_goal()
    {
        CudaOperator op = Operator(1, 16, 64, 16, ScanDirections.All);
        RoundCost cost = RoundCost.Forward(op, ForwardPlan.Make(s_hopper, op, keepsHidden: false), keepsHidden: false);
        Check(op, cost, 14, 14);
        Assert.Equal((1, 64, 64 * 55.0), (cost.Launches, cost.Steps, cost.ChainCycles));
    }

    [Fact]
    public void Training_rounds_keep_four_maps_and_the_winners()
    {
        CudaOperator op = Operator(1, 8, 1024, 8, ScanDirections.All);
        // A byte of float32's four.
        Check(op, RoundCost.Forward(op, ForwardPlan.Make(s_hopper, op, keepsHidden: true), keepsHidden: true), 25.25, 18.25);
    }

    [Theory]
    [InlineData(8, ScanDirections.LeftToRight, 9, 9)] // h, ∂h, ∂x, and three gates in and out
    [InlineData(8, ScanDirections.All, 4 * 9.25 + 4 + 1, 30.25)] // four of them, each with a byte for who won, then their ∂x added
    public void Backward_rounds_transfer_the_bytes_of_their_scheme(int groups, ScanDirections directions, double scheme, double fused)
    {
        CudaOperator op = Operator(16, 8, 1024, groups, directions);
        Check(op, RoundCost.Backward(op, BackwardPlan.Make(s_hopper, op)), scheme, fused);
    }

    [Fact]
    public void Shared_gates_of_several_blocks_are_added_once_more()
    {
        CudaOperator op = Operator(1, 8, 1024, 1, ScanDirections.LeftToRight);
        BackwardPlan plan = BackwardPlan.Make(s_hopper, op);
        Assert.True(plan.Parts > 1);
        // The scan reads gates and writes a sum per part; the sum reads those and writes.
        double gates = 3.0 / 8;
        Check(op, RoundCost.Backward(op, plan), 3 + gates * (1 + plan.Parts) + gates * (plan.Parts + 1), 3 + 2 * gates);
    }

    [Fact]
    public void An_input_gate_adds_one_plane()
    {
        CudaOperator op = Operator(16, 8, 1024, 8, ScanDirections.LeftToRight) with { HasInputGate = true };
        Check(op, RoundCost.Forward(op, ForwardPlan.Make(s_hopper, op, keepsHidden: false), keepsHidden: false), 6, 6);
    }

    [Fact]
    public void Lines_longer_than_a_block_take_several_launches_without_clusters()
    {
        CudaOperator op = Operator(1, 1, 4096, 1, ScanDirections.LeftToRight);
        ForwardPlan plan = ForwardPlan.Make(s_ampere, op, keepsHidden: false);
        int steps = plan.Scan!.TilesPerLaunch * plan.Scan.Lines;
        Assert.True(steps > 0);
        Assert.Equal((4096 + steps - 1) / steps, RoundCost.Forward(op, plan, keepsHidden: false).Launches);
        Assert.Equal(1, RoundCost.Forward(op, ForwardPlan.Make(s_hopper, op, keepsHidden: false), keepsHidden: false).Launches);
    }

    [Fact]
    public void A_step_costs_its_pixels_and_its_share_of_an_exchange()
    {
        ScanPlan plan = new(2, 1, 8, 2, 3, 1, 1, 0, 1, 0, 0);
        Assert.Equal(45, RoundCost.Step(plan));
        Assert.Equal(55, RoundCost.Step(plan with { Pixels = 4 }));
        Assert.Equal(45 + (110 - 45) / 8.0, RoundCost.Step(plan with { Warps = 4 }));
        Assert.Equal(45 + (250 - 45) / 8.0, RoundCost.Step(plan with { Warps = 4, Segments = 4, Cluster = 4 }));
    }

    [Fact]
    public void A_floor_is_the_launch_and_the_longer_of_chain_and_traffic()
    {
        var cost = new RoundCost("any", 2, 100, ChainCycles: 20_000, Bytes: 8e6, FusedBytes: 4e6);
        // 20,000 cycles at 2 GHz are 10 µs; 8 MB at 4 TB/s are 2 µs, at 0.4 TB/s 20.
        Assert.Equal(3 + 10, Floor.Of(cost, launch: 3, clock: 2000, bandwidth: 4e6).Microseconds);
        Assert.Equal(3 + 20, Floor.Of(cost, launch: 3, clock: 2000, bandwidth: 0.4e6).Microseconds);
        Assert.Equal(3 + 10, Floor.Of(cost, launch: 3, clock: 2000, bandwidth: 0.4e6).FusedMicroseconds);
    }

    private static void Check(CudaOperator op, RoundCost cost, double scheme, double fused)
    {
        double map = (double)op.MapElements * op.Scalar.Size();
        Assert.Equal(scheme, cost.Bytes / map, 1e-9);
        Assert.Equal(fused, cost.FusedBytes / map, 1e-9);
    }

    private static CudaOperator Operator(int batch, int channels, int side, int groups, ScanDirections directions)
        => new(
            new PropagationShape(batch, channels, side, side, groups, directions, GateConnection.ThreeWay),
            CudaScalar.Float32, GateNormalization.Softmax, DirectionMerge.Max, HasInputGate: false);
}
