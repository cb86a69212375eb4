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

    public static TheoryData<string, string, string, string> Mistakes => new()
    {
        { "exchange.cuh", "    else\n        __syncthreads();", "", "races" }, // no barrier
        { "exchange.cuh", "        cluster_sync();\n    else", "        ;\n    else", "races" },
        { "scan.cuh", "        wait_copies<SPN_STAGES - 2>();\n", "", "races" }, // no wait
        { "scan.cuh", "wait_copies<SPN_STAGES - 2>", "wait_copies<SPN_STAGES - 1>", "races" }, // a wait too short
        { "exchange.cuh", "    exchange.turn ^= 1;\n", "", "races" }, // one buffer where two are needed
        { "scan.cuh", "(slot == 0 ? SPN_STAGES - 1 : slot - 1)", "slot", "races" }, // into the tile that is being read
        { "scan.cuh", "            if (turn > 0) {", "            if (turn > 0 && at.team.warp == 0) {", "barrier" }, // not for all
        { "scan.cuh", "(real*)(shared + SPN_STAGES * stage_bytes)", "(real*)(shared + (SPN_STAGES + 1) * stage_bytes)", "shared memory, which has" },
        { "plane.cu", "        __syncwarp(); // this", "        // this", "races" },
        { "plane.cu", "row);\n    __syncthreads();", "row);", "races" },
        { "tile.cuh", "(at < length ? lines : 0) : at < lines ? length : 0;", "lines : length;", "outside of its buffers" },
        { "tile.cuh", "of_pixel, j < pixels ? lines : 0);", "of_pixel, lines);", "outside of its buffers" },
        { "tile.cuh", "values[s], s < lines ? pixels : 0);", "values[s], pixels);", "outside of its buffers" },
        { "tile.cuh", "(piece ^ quad % LANE_PIECES) * 16", "(piece ^ quad % LANE_PIECES) * 8", "aligned" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_found(string file, string text, string replacement, string report)
    {
        HostCompiler.Require();
        KernelFiles mistaken = KernelFiles.Embedded.With(file, text, replacement);
        var others = new List<string>();
        foreach (string fault in Rounds(mistaken))
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
        Assert.Equal("", string.Join('\n', Rounds(KernelFiles.Embedded)));
    }

    /// <summary>Rounds that use every part of the kernels, each in buffers of exactly its size.</summary>
    private static IEnumerable<string> Rounds(KernelFiles sources)
    {
        foreach ((CudaLimits limits, int channels, int height, int width, int groups, CudaScalar scalar, int padding) in new[]
        {
            (s_hopper, 1, 10, 1200, 1, CudaScalar.Float32, 0), // a cluster
            (s_hopper, 3, 19, 30, 1, CudaScalar.Float16, 2), // a plane on chip; gates in parts
            (s_busy, 3, 26, 138, 3, CudaScalar.Float32, 2), // several warps, rows that end within an aligned copy; pieces on the way back
            (s_hopper, 2, 18, 150, 1, CudaScalar.BFloat16, 1), // tiles of more lines than a halo
            (s_busy, 1, 90, 23, 1, CudaScalar.Float64, 3),
            (s_busy, 1, 1, 1, 1, CudaScalar.Float16, 1),
        })
        {
            foreach (DirectionMerge merge in new[] { DirectionMerge.Max, DirectionMerge.None })
            {
                var shape = new PropagationShape(2, channels, height, width, groups, ScanDirections.All, GateConnection.ThreeWay);
                var op = new CudaOperator(shape, scalar, GateNormalization.Clamped, merge, HasInputGate: merge == DirectionMerge.None);
                foreach (string fault in Round(new EmulatedCudaDevice(limits, sources), op, padding))
                    yield return fault;
            }
        }
    }

    private static IReadOnlyCollection<string> Round(EmulatedCudaDevice device, CudaOperator op, int padding)
    {
        using var buffers = new DeviceBuffers(op, padding);
        foreach (bool keepsHidden in new[] { false, true })
        {
            CudaForwardJob job = buffers.Forward;
            if (!keepsHidden && op.Merge != DirectionMerge.None)
                job = job with { Hidden = null, Winners = null };
            ForwardPlan plan = ForwardPlan.Make(device.Limits, op, job.Hidden != null);
            void* scratch = plan.ScratchBytes > 0 ? buffers.Output(plan.ScratchBytes) : null;
            device.Watch(buffers.All);
            Run(() => CudaPropagation.Forward(device, op, plan, job, scratch));
        }

        BackwardPlan backward = BackwardPlan.Make(device.Limits, op);
        void* sums = backward.ScratchBytes > 0 ? buffers.Output(backward.ScratchBytes) : null;
        device.Watch(buffers.All);
        Run(() => CudaPropagation.Backward(device, op, backward, buffers.Backward, sums));
        return device.Faults;
    }

    private static void Run(Action launches)
    {
        try
        {
            launches();
        }
        catch (EmulationFault)
        {
            // The device keeps it.
        }
    }
}
