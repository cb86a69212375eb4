using Spn.Cuda.Tests.Emulation;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>The kernels stay in their buffers; and kernels with a mistake put in are found out, so that silence means something.</summary>
public sealed unsafe class KernelMistakeTests
{
    private static readonly CudaLimits s_hopper = new(90, 132, 227 << 10, 8);
    private static readonly CudaLimits s_busy = new(80, 1, 60 << 10, 1);

    // Rounds that use every part of the kernels.
    private static readonly Round[] s_rounds =
    [
        new("cluster", s_hopper, 1, 10, 1200, 1, CudaScalar.Float32, Padding: 0),
        new("plane", s_hopper, 3, 19, 30, 1, CudaScalar.Float16, Padding: 2), // on chip; gates in parts
        new("warps", s_busy, 3, 26, 138, 3, CudaScalar.Float32, Padding: 2), // rows that end within an aligned copy; pieces on the way back
        new("halves", s_hopper, 2, 18, 150, 1, CudaScalar.BFloat16, Padding: 1), // tiles of more lines than a halo
        new("columns", s_hopper, 1, 700, 36, 1, CudaScalar.Float32, Padding: 0), // a cluster that exchanges edges several times
        new("doubles", s_busy, 1, 90, 23, 1, CudaScalar.Float64, Padding: 3),
        new("pixel", s_busy, 1, 1, 1, 1, CudaScalar.Float16, Padding: 1),
    ];

    /// <summary>A round in which a mistake shows, the mistake, and a word of what the emulator says about it.</summary>
    public static TheoryData<string, string, string, string, string> Mistakes => new()
    {
        // No barrier; no wait for copies; a wait that is too short.
        { "warps", "scan.cuh", "        __syncthreads(); // this tile", "        // this tile", "races" },
        { "halves", "scan.cuh", "                __syncthreads();\n", "", "races" },
        { "warps", "scan.cuh", "        wait_copies<SPN_STAGES - 2>();\n", "", "races" },
        { "warps", "scan.cuh", "wait_copies<SPN_STAGES - 2>", "wait_copies<SPN_STAGES - 1>", "races" },
        { "plane", "plane.cu", "        __syncwarp(); // this", "        // this", "races" },
        { "plane", "plane.cu", "        __syncthreads(); // the maps", "        // the maps", "races" },
        { "plane", "plane.cu", "        __syncthreads(); // the next round's", "        // the next round's", "races" },

        // One buffer where two are needed; a copy into the tile that is being read; a barrier that is not for all.
        { "columns", "exchange.cuh", "return lines + (turns & 1) * size;", "return lines;", "races" },
        { "warps", "scan.cuh", "(slot == 0 ? SPN_STAGES - 1 : slot - 1)", "slot", "races" },
        { "halves", "scan.cuh", "            if (turn > 0) {", "            if (turn > 0 && at.team.warp == 0) {", "never" },

        // Between the blocks of a cluster: no wait, or one for the wrong phase.
        { "cluster", "exchange.cuh", "receive_bytes(exchange.inbox(), (exchange.turns - 1) / 2 & 1);", "(void)0;", "races" },
        { "columns", "exchange.cuh", "(exchange.turns - 1) / 2 & 1", "exchange.turns / 2 & 1", "races" },
        { "columns", "exchange.cuh", "(exchange.turns - 1) / 2 & 1", "0", "races" },
        { "columns", "exchange.cuh", "return inboxes + (turns & 1) * INBOX_BYTES;", "return inboxes;", "races" },

        // A push that can overtake a read; one to a block that is not ready; fewer bytes than expected; pushes to one side only.
        { "columns", "exchange.cuh", "__syncwarp(); // the warp has read", "(void)0; // the warp has read", "races" },
        { "cluster", "exchange.cuh", "cluster_sync(); // the other", "// the other", "not open" },
        { "cluster", "exchange.cuh", "sides * at.channels", "(sides + 1) * at.channels", "never come" },
        { "cluster", "exchange.cuh", "if (after)\n", "if (after && false)\n", "never come" },

        // A block that ends while a neighbour still writes to it: it publishes more edges than it takes, or does not take the last ones.
        { "cluster", "scan.cuh", "if (i + 1 < last && (done", "if ((done", "ended" },
        { "columns", "scan.cuh", "if (done > 0 &&", "if (done > 0 && i + 1 < last &&", "ended" },

        // Beyond shared memory, and beyond the maps.
        { "warps", "scan.cuh", "(real*)(shared + SPN_STAGES * stage_bytes)", "(real*)(shared + (SPN_STAGES + 1) * stage_bytes)", "shared memory, which has" },
        { "warps", "tile.cuh", "(at < length ? lines : 0) : at < lines ? length : 0;", "lines : length;", "outside of its buffers" },
        { "warps", "tile.cuh", "of_pixel, j < pixels ? lines : 0);", "of_pixel, lines);", "outside of its buffers" },
        { "warps", "tile.cuh", "values[s], s < lines ? pixels : 0);", "values[s], pixels);", "outside of its buffers" },
        { "columns", "tile.cuh", "(piece ^ quad % LANE_PIECES) * 16", "(piece ^ quad % LANE_PIECES) * 8", "aligned" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_found(string round, string file, string text, string replacement, string report)
    {
        HostCompiler.Require();
        var others = new List<string>();
        foreach (string fault in Faults(s_rounds.Single(of => of.Name == round), KernelFiles.Embedded.With(file, text, replacement)))
        {
            if (fault.Contains(report, StringComparison.Ordinal))
                return;
            others.Add(fault);
        }

        Assert.Fail($"None {report}. Found instead: {string.Join('\n', others)}");
    }

    [Fact]
    public void The_kernels_have_no_mistakes()
    {
        HostCompiler.Require();
        Assert.Equal("", string.Join('\n', s_rounds.SelectMany(round => Faults(round, KernelFiles.Embedded))));
    }

    /// <summary>What the emulator finds in a forward pass with and without kept maps and in a backward pass, in buffers of exactly their size.</summary>
    private static IEnumerable<string> Faults(Round round, KernelFiles sources)
    {
        foreach (DirectionMerge merge in new[] { DirectionMerge.Max, DirectionMerge.None })
        {
            var shape = new PropagationShape(
                2, round.Channels, round.Height, round.Width, round.Groups, ScanDirections.All, GateConnection.ThreeWay);
            var op = new CudaOperator(shape, round.Scalar, GateNormalization.Clamped, merge, HasInputGate: merge == DirectionMerge.None);
            var device = new EmulatedCudaDevice(round.Limits, sources);
            using var buffers = new DeviceBuffers(op, round.Padding);
            foreach (string fault in Run(device, () => Forward(device, op, buffers, keepsHidden: false)))
                yield return fault;
            foreach (string fault in Run(device, () => Forward(device, op, buffers, keepsHidden: true)))
                yield return fault;
            foreach (string fault in Run(device, () => Backward(device, op, buffers)))
                yield return fault;
        }
    }

    private static void Forward(EmulatedCudaDevice device, CudaOperator op, DeviceBuffers buffers, bool keepsHidden)
    {
        CudaForwardJob job = buffers.Forward;
        if (!keepsHidden && op.Merge != DirectionMerge.None)
            job = job with { Hidden = null, Winners = null };
        ForwardPlan plan = ForwardPlan.Make(device.Limits, op, job.Hidden != null);
        void* scratch = plan.ScratchBytes > 0 ? buffers.Output(plan.ScratchBytes) : null;
        device.Watch(buffers.All);
        CudaPropagation.Forward(device, op, plan, job, scratch, Math.Min(2, plan.MaxRounds));
    }

    private static void Backward(EmulatedCudaDevice device, CudaOperator op, DeviceBuffers buffers)
    {
        BackwardPlan plan = BackwardPlan.Make(device.Limits, op);
        void* scratch = plan.ScratchBytes > 0 ? buffers.Output(plan.ScratchBytes) : null;
        device.Watch(buffers.All);
        CudaPropagation.Backward(device, op, plan, buffers.Backward, scratch);
    }

    private static IReadOnlyCollection<string> Run(EmulatedCudaDevice device, Action launches)
    {
        try
        {
            launches();
        }
        catch (EmulationFault fault)
        {
            return [fault.Message];
        }

        return [];
    }

    private sealed record Round(
        string Name, CudaLimits Limits, int Channels, int Height, int Width, int Groups, CudaScalar Scalar, int Padding);
}
