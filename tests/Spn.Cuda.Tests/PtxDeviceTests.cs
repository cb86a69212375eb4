using Spn.Cuda.Tests.Ptx;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>The kernels' PTX, interpreted, against the reference: the inline assembly, and what an optimising compiler makes of the rest.</summary>
public sealed class PtxDeviceTests
{
    private static readonly CudaLimits s_ampere = new(80, 108, 163 << 10, 1);
    private static readonly CudaLimits s_hopper = new(90, 132, 227 << 10, 8);
    private static readonly CudaLimits s_turing = new(75, 1, 64 << 10, 1);

    private static readonly (CudaLimits Limits, PropagationCase Inputs)[] s_cases =
    [
        (s_hopper, new(1, 2, 40, 50, 2, new PropagationOptions())), // a plane in shared memory
        (s_hopper, new(1, 1, 300, 37, 1, new PropagationOptions { Directions = ScanDirections.LeftToRight | ScanDirections.RightToLeft })), // a cluster
        (s_turing, new(1, 3, 41, 150, 1, new PropagationOptions { Merge = DirectionMerge.Mean }, withXGate: true)), // shared gates
        (s_ampere, new(1, 1, 36, 150, 1, new PropagationOptions { Merge = DirectionMerge.None, Normalization = GateNormalization.Clamped })),
    ];

    public static TheoryData<int, torch.ScalarType> Cases
        => [.. from i in Enumerable.Range(0, s_cases.Length)
               from type in new[] { torch.ScalarType.Float32, torch.ScalarType.Float64, torch.ScalarType.Float16, torch.ScalarType.BFloat16 }
               select (i, type)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Interpreted_kernels_match_the_reference(int index, torch.ScalarType type)
    {
        PtxCompiler.Require();
        using var folder = new TemporaryFolder();
        KernelFiles.Embedded.WriteTo(folder.Path);
        (CudaLimits limits, PropagationCase inputs) = s_cases[index];
        var device = new PtxDevice(limits, folder.Path);
        try
        {
            AgainstReference.Check(
                (x, guidance, options, xGate) => SpatialPropagation.Propagate(x, guidance, options, xGate, new CudaBackend(device)), inputs, type);
        }
        catch (System.Runtime.InteropServices.ExternalException) when (Spn.Diagnostics.SpnDiagnostics.LastBackwardError is { } cause)
        {
            Assert.Fail(cause.ToString());
        }
    }
}
