using System.Runtime.InteropServices;
using Spn.Cuda.Tests.Ptx;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>
/// The instructions that threads issue per pixel and direction, counted in the PTX that clang makes, on a part of the maps
/// <c>[16, 8, 1024, 1024]</c> with their plans for an H200. The table of docs/cuda.md has these numbers.
/// </summary>
public sealed class InstructionTests(ITestOutputHelper output)
{
    private const int Length = 1024, Lines = 64;

    private static readonly CudaLimits s_hopper = new(90, 132, 227 << 10, 8);

    public static TheoryData<string, bool, string, bool, double> Cases => new()
    {
        { "forward", true, "fp32", false, 52 },
        { "forward", false, "fp32", false, 52 },
        { "forward", true, "bf16", false, 52 },
        { "forward", false, "bf16", false, 52 },
        { "merged", true, "fp32", false, 55 },
        { "merged", false, "fp32", false, 55 },
        { "merged", true, "bf16", false, 55 },
        { "merged", false, "bf16", false, 55 },
        { "backward", true, "fp32", false, 75 },
        { "backward", false, "fp32", false, 75 },
        { "backward", true, "bf16", false, 75 },
        { "backward", false, "bf16", false, 75 },
        { "forward", true, "fp32", true, 34 },
        { "forward", false, "fp32", true, 34 },
        { "backward", true, "fp32", true, 64 },
        { "backward", false, "fp32", true, 64 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_pixel_costs_few_instructions(string pass, bool columns, string type, bool shared, double limit)
    {
        CudaScalar scalar = type == "fp32" ? CudaScalar.Float32 : CudaScalar.BFloat16;
        PtxCompiler.Require();
        using var folder = new TemporaryFolder();
        KernelFiles.Embedded.WriteTo(folder.Path);
        var device = new PtxDevice(s_hopper, folder.Path);
        double count = pass switch
        {
            "backward" => Count(device, "spn_backward", true, columns, scalar, shared, 1),
            "forward" => Count(device, "spn_forward", false, columns, scalar, shared, 1),
            // Of two directions, the first only writes.
            _ => Count(device, "spn_forward", false, columns, scalar, shared, 2),
        };
        if (pass == "merged")
            count = 2 * count - Count(new PtxDevice(s_hopper, folder.Path), "spn_forward", false, columns, scalar, shared, 1);
        output.WriteLine($"{pass}, {(columns ? "columns" : "rows")}, {type}{(shared ? ", shared gates" : "")}: {count:F1}");
        foreach ((string name, long issued) in device.ByName.OrderByDescending(pair => pair.Value).Take(25))
            output.WriteLine($"  {name} {issued / (double)(Length * Lines * (shared ? 8 : 1)):F2}");
        Assert.True(count <= limit, $"{count:F1} instructions");
    }

    private static unsafe double Count(PtxDevice device, string entry, bool backward, bool columns, CudaScalar scalar, bool shared, int directions)
    {
        ScanDirections used = columns ? ScanDirections.LeftToRight : ScanDirections.TopToBottom;
        if (directions == 2)
            used |= columns ? ScanDirections.RightToLeft : ScanDirections.BottomToTop;
        CudaOperator Operator(int batch, int channels, int height, int width)
            => new(
                new PropagationShape(batch, channels, height, width, shared ? 1 : channels, used, GateConnection.ThreeWay), scalar,
                GateNormalization.Softmax, DirectionMerge.Max, false);
        CudaOperator large = Operator(16, 8, Length, Length);
        int channelsRun = shared ? 8 : 1;
        CudaOperator part = columns ? Operator(1, channelsRun, Length, Lines) : Operator(1, channelsRun, Lines, Length);
        using var buffers = new DeviceBuffers(part, padding: 0);
        if (backward)
        {
            BackwardPlan plan = BackwardPlan.Make(s_hopper, large);
            void* scratch = NativeMemory.AlignedAlloc((nuint)(1 << 24), 256);
            CudaPropagation.Backward(device, part, plan, buffers.Backward, scratch);
            NativeMemory.AlignedFree(scratch);
        }
        else
        {
            CudaForwardJob job = buffers.Forward with { Hidden = null, Winners = null };
            CudaPropagation.Forward(device, part, ForwardPlan.Make(s_hopper, large, keepsHidden: false), job, null);
        }

        return device.Issued[entry] / (double)(Length * Lines * channelsRun * directions);
    }
}
