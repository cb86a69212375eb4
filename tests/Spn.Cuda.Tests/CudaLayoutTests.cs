using Spn.Cuda.Tests.Emulation;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static Spn.Propagation.Cuda.CudaScalar;

namespace Spn.Cuda.Tests;

/// <summary>Every way in which a round can be laid over a device, forward and backward against the reference, on devices made up to need it.</summary>
public sealed class CudaLayoutTests
{
    private static readonly CudaLimits s_ample = new(80, 108, 163 << 10, 1);
    private static readonly CudaLimits s_hopper = new(90, 132, 227 << 10, 8);

    private const ScanDirections Columns = ScanDirections.LeftToRight | ScanDirections.RightToLeft;
    private const ScanDirections Rows = ScanDirections.TopToBottom | ScanDirections.BottomToTop;

    private static readonly Layout[] s_layouts =
    [
        // A plane on chip, of 2 and 4 pixels a lane; its training forward merges, its backward sums gates in parts.
        .. Each([Float32, Float64, Float16, CudaScalar.BFloat16], scalar => new Layout(s_ample, 1, 3, 40, 50, 1, scalar)),
        .. Each([Float32, CudaScalar.BFloat16], scalar => new Layout(Busy(227), 1, 2, 100, 70, 2, scalar)),
        new(Busy(227), 1, 1, 70, 40, 1, Float64, Rows),

        // Lines that are whole in a block of several warps; channels that share gates, the last block with fewer.
        .. Each([Float32, Float64, Float16, CudaScalar.BFloat16], scalar => new Layout(Busy(54), 1, 5, 150, 20, 1, scalar)),
        .. Each([Float32, Float64, Float16], scalar => new Layout(Busy(227), 1, 5, 150, 20, 1, scalar, Columns)),
        new(Busy(227), 1, 4, 20, 150, 1, Float32, Rows),
        .. Each([Float32, Float64, CudaScalar.BFloat16], scalar => new Layout(s_ample, 2, 4, 20, 300, 2, scalar, Rows)),

        // Segments of a line in a cluster.
        .. Each([Float32, Float64, Float16], scalar => new Layout(Busy(54, cluster: 8), 1, 5, 150, 20, 1, scalar)),
        .. Each([Float32, Float64, CudaScalar.BFloat16], scalar => new Layout(Busy(54, cluster: 8), 1, 2, 300, 20, 2, scalar, Columns)),
        .. Each([Float32, Float64, Float16], scalar => new Layout(Busy(100, cluster: 8), 1, 5, 600, 17, 1, scalar, Columns)),
        .. Each([Float32, Float64, Float16], scalar => new Layout(s_hopper, 1, 1, 18, 1100, 1, scalar, Rows)),
        new(s_hopper, 1, 1, 400, 19, 1, Float32, Columns),
        .. Each([Float32, Float64], scalar => new Layout(Busy(30, cluster: 8), 1, 1, scalar == Float32 ? 850 : 370, 12, 1, scalar, Columns)),
        new(s_hopper, 1, 2, 700, 9, 2, Float32, Columns),

        // Pieces: launches of as many steps as a margin allows, that hand each other a line.
        .. Each([Float32, Float64, Float16], scalar => new Layout(s_ample, 1, 2, 600, 71, 1, scalar, ScanDirections.LeftToRight)),
        .. Each([Float32, Float64, CudaScalar.BFloat16], scalar => new Layout(Busy(54), 1, 2, 37, 300, 2, scalar, Rows)),
        new(Busy(30), 1, 1, 300, 45, 1, Float32, Columns),
        new(Busy(31), 1, 1, 150, 45, 1, Float64, Columns),
        new(Busy(54), 1, 1, 700, 70, 1, Float32, ScanDirections.RightToLeft),
    ];

    public static TheoryData<int> Layouts => [.. Enumerable.Range(0, s_layouts.Length)];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layout_matches_the_reference(int index)
    {
        HostCompiler.Require();
        Layout layout = s_layouts[index];
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        {
            var device = new EmulatedCudaDevice(layout.Limits);
            var inputs = new PropagationCase(
                layout.Batch, layout.Channels, layout.Height, layout.Width, layout.Groups, layout.Options(merge), withXGate: merge == DirectionMerge.Mean, seed: index);
            AgainstReference.Check((x, guidance, options, xGate) => SpatialPropagation.Propagate(x, guidance, options, xGate, new CudaBackend(device)), inputs, layout.Type);
            Assert.Empty(device.Faults);
        }
    }

    [Fact]
    public void The_layouts_are_all_there_are()
    {
        string[] seen = [.. s_layouts.SelectMany(layout => Enum.GetValues<DirectionMerge>().SelectMany(layout.Features)).Distinct()];
        string[] wanted =
        [
            .. Enum.GetNames<ForwardScheme>(), "Accumulate in pieces", "Merge in pieces", "Direct in pieces",
            .. Each(["forward", "backward"], pass => (string[])
            [
                $"{pass} 1 segments", $"{pass} 2 segments", $"{pass} 4 segments", $"{pass} 8 segments", $"{pass} margin 32", $"{pass} margin 64",
                $"{pass} one warp", $"{pass} several warps", $"{pass} 2 stages", $"{pass} 3 stages", $"{pass} last run shorter", $"{pass} 1 channels", $"{pass} 2 channels",
                $"{pass} Float32 4 lines", $"{pass} Float32 8 lines", $"{pass} Float64 4 lines", $"{pass} Float16 8 lines", $"{pass} Float16 16 lines",
            ]).SelectMany(features => features),
            "forward 4 channels", "backward margin 16", "gates in parts", "gates together", "plane of Float32", "plane of Float64", "plane of Float16",
        ];
        string missing = string.Join(", ", wanted.Except(seen)), others = string.Join(", ", seen.Except(wanted));
        Assert.True(missing.Length == 0, $"Missing: {missing}. Others: {others}");
    }

    private static IEnumerable<TTo> Each<TFrom, TTo>(TFrom[] values, Func<TFrom, TTo> make) => values.Select(make);

    /// <summary>A device that few blocks keep busy.</summary>
    private static CudaLimits Busy(int sharedKilobytes, int cluster = 1) => new(cluster > 1 ? 90 : 80, 1, sharedKilobytes << 10, cluster);

    private sealed record Layout(
        CudaLimits Limits, int Batch, int Channels, int Height, int Width, int Groups, CudaScalar Scalar, ScanDirections Directions = ScanDirections.All)
    {
        public torch.ScalarType Type => Enum.Parse<torch.ScalarType>(Scalar.ToString());

        public PropagationOptions Options(DirectionMerge merge) => new() { Directions = Directions, Merge = merge };

        public IEnumerable<string> Features(DirectionMerge merge)
        {
            var shape = new PropagationShape(Batch, Channels, Height, Width, Groups, Directions, GateConnection.ThreeWay);
            var op = new CudaOperator(shape, Scalar, GateNormalization.Softmax, merge, merge == DirectionMerge.Mean);
            foreach (bool keepsHidden in new[] { false, true })
            {
                ForwardPlan forward = ForwardPlan.Make(Limits, op, keepsHidden);
                yield return forward.Scheme.ToString();
                if (forward.Scan is null)
                    yield return $"plane of {Scalar}";
                else if (forward.Scan.TilesPerLaunch > 0)
                    yield return $"{forward.Scheme} in pieces";
                foreach (ScanPlan scan in new[] { forward.Scan, forward.Rows }.OfType<ScanPlan>())
                foreach (string feature in Of("forward", scan, shape))
                    yield return feature;
            }

            BackwardPlan backward = BackwardPlan.Make(Limits, op);
            yield return backward.Parts > 1 ? "gates in parts" : "gates together";
            foreach (string feature in Of("backward", backward.Scan, shape))
                yield return feature;
        }

        private IEnumerable<string> Of(string pass, ScanPlan scan, PropagationShape shape) =>
        [
            scan.TilesPerLaunch > 0 ? $"{pass} margin {scan.Margin}" : $"{pass} {scan.Segments} segments",
            scan.Warps == 1 ? $"{pass} one warp" : $"{pass} several warps",
            $"{pass} {scan.Stages} stages", $"{pass} {scan.Channels} channels", $"{pass} {Scalar} {scan.Lines} lines",
            shape.ChannelsPerGroup % scan.Channels > 0 ? $"{pass} last run shorter" : $"{pass} even runs",
        ];
    }
}
