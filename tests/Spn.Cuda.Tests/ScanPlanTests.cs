using Spn.Propagation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>What a plan promises the kernels, for any shape and device; and that the cases that matter are laid out as they should be.</summary>
public sealed class ScanPlanTests
{
    private static readonly CudaLimits s_turing = new(75, 40, 64 << 10, 1);
    private static readonly CudaLimits s_ampere = new(80, 108, 163 << 10, 1);
    private static readonly CudaLimits s_hopper = new(90, 132, 227 << 10, 8);

    [Fact]
    public void Every_plan_fits_its_device_and_covers_the_line()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            CudaLimits limits = new[] { s_turing, s_ampere, s_hopper }[random.Next(3)];
            int groups = 1 << random.Next(4), reach = 1 << random.Next(15);
            var shape = new PropagationShape(
                random.Next(1, 20), groups * random.Next(1, 9), random.Next(1, reach + 1), random.Next(1, reach + 1), groups,
                (ScanDirections)random.Next(1, 16), random.Next(2) == 0 ? GateConnection.OneWay : GateConnection.ThreeWay);
            var op = new CudaOperator(shape, (CudaScalar)random.Next(4), GateNormalization.Softmax, (DirectionMerge)random.Next(3), random.Next(2) == 0);
            ForwardPlan forward = ForwardPlan.Make(limits, op, keepsHidden: random.Next(2) == 0);
            if (forward.Scheme == ForwardScheme.Accumulate && shape.ColumnDirections > 0)
                Check(limits, Only(op, ScanDirections.LeftToRight | ScanDirections.RightToLeft), forward.Scan);
            else
                Check(limits, op, forward.Scan);
            Check(limits, Only(op, ScanDirections.TopToBottom | ScanDirections.BottomToTop), forward.Rows);
            Check(limits, op, BackwardPlan.Make(limits, op).Scan);
        }
    }

    [Fact]
    public void A_line_too_long_for_a_block_uses_a_cluster_or_several_launches()
    {
        CudaOperator tall = Operator(1, 1, 4096, 64, 1);
        Assert.Equal(8, ForwardPlan.Make(s_hopper, tall, keepsHidden: false).Scan!.Cluster);
        ScanPlan before = ForwardPlan.Make(s_ampere, tall, keepsHidden: false).Scan!;
        Assert.Equal(1, before.Cluster);
        Assert.True(before.TilesPerLaunch > 0);
    }

    [Fact]
    public void A_small_plane_is_scanned_and_merged_on_chip()
    {
        Assert.Equal(ForwardScheme.Plane, ForwardPlan.Make(s_hopper, Operator(1, 16, 64, 64, 16), keepsHidden: false).Scheme);
        Assert.Equal(ForwardScheme.Merge, ForwardPlan.Make(s_hopper, Operator(1, 16, 64, 64, 16), keepsHidden: true).Scheme);
    }

    [Fact]
    public void Large_batches_need_no_memory_besides_the_result()
    {
        ForwardPlan plan = ForwardPlan.Make(s_hopper, Operator(16, 8, 1024, 1024, 8), keepsHidden: false);
        Assert.Equal(ForwardScheme.Accumulate, plan.Scheme);
        Assert.Equal(0, plan.ScratchBytes);
    }

    [Fact]
    public void Few_long_scans_are_cut()
    {
        CudaOperator few = Operator(1, 8, 1024, 1024, 8);
        ScanPlan plan = ForwardPlan.Make(s_hopper, few, keepsHidden: true).Scan!;
        Assert.Equal((3, 3, 1024), (plan.Segments, plan.Warps, plan.Segments * (ScanPlan.Held(plan.Warps, plan.Pixels) - 16) + 16));
    }

    [Fact]
    public void Large_batches_keep_multiprocessors_busy()
    {
        static int Warps(ScanPlan scan) => (s_hopper.SharedBytesPerBlock + 1024) / (scan.SharedBytes + 1024) * scan.Warps;
        foreach (CudaScalar scalar in new[] { CudaScalar.Float32, CudaScalar.BFloat16 })
        {
            ForwardPlan plan = ForwardPlan.Make(s_hopper, Operator(16, 8, 1024, 1024, 8) with { Scalar = scalar }, keepsHidden: false);
            Assert.True(Warps(plan.Scan!) >= 6, plan.ToString()); // two tiles of five maps with 32 bytes per pixel leave room for no more
            Assert.True(Warps(plan.Rows!) >= 8, plan.ToString());
        }
    }

    [Fact]
    public void Shared_gates_are_read_once_for_several_channels_if_there_are_many_blocks()
    {
        Assert.Equal(2, ForwardPlan.Make(s_hopper, Operator(16, 8, 1024, 1024, 1), keepsHidden: false).Scan!.Channels);
        Assert.Equal(1, ForwardPlan.Make(s_hopper, Operator(1, 8, 64, 64, 1), keepsHidden: true).Scan!.Channels);
    }

    private static CudaOperator Operator(int batch, int channels, int height, int width, int groups)
        => new(new PropagationShape(batch, channels, height, width, groups, ScanDirections.All, GateConnection.ThreeWay), CudaScalar.Float32, GateNormalization.Softmax, DirectionMerge.Max, false);

    private static CudaOperator Only(CudaOperator op, ScanDirections directions)
        => op with { Shape = op.Shape with { Directions = op.Shape.Directions & directions } };

    private static void Check(in CudaLimits limits, in CudaOperator op, ScanPlan? plan)
    {
        if (plan is null)
            return;
        string about = $"{plan} for {op} on {limits}";
        int longest = Math.Max(op.Shape.ColumnDirections > 0 ? op.Shape.Height : 1, op.Shape.RowDirections > 0 ? op.Shape.Width : 1);
        int held = ScanPlan.Held(plan.Warps, plan.Pixels), stride = held - 2 * plan.Margin;
        Assert.True(plan.SharedBytes <= limits.SharedBytesPerBlock, about);
        Assert.True(plan.Warps is >= 1 and <= 10, about);
        Assert.True(plan.Margin % ScanPlan.Halo == 0 && (plan.Segments == 1 || plan.Margin > 0), about);
        Assert.True((plan.Segments - 1L) * stride + held >= longest, about);
        Assert.True(plan.Segments == 1 || (plan.Segments - 2L) * stride + held < longest, about); // none is empty
        Assert.True(plan.Cluster == 1 || (plan.Cluster == plan.Segments && plan.Cluster <= limits.MaxCluster && plan.Margin == ScanPlan.Halo), about);
        Assert.True(plan.Segments == 1 || plan.Cluster > 1 || plan.TilesPerLaunch * plan.Lines == plan.Margin, about);
        Assert.True(plan.Lines >= 4 && int.IsPow2(plan.Lines), about);
        Assert.True(plan.Channels <= plan.ChannelBound && plan.Channels <= op.Shape.ChannelsPerGroup, about);
    }
}
