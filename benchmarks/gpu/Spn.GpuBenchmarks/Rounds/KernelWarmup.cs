using System.Diagnostics;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Report;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>
/// Compiles kernels ahead, so that later stages find them in the cache: those of the benchmarks first, then those of the tests.
/// </summary>
internal static class KernelWarmup
{
    /// <summary>Compiles one part of the kernels. Several processes share the work by compiling different parts.</summary>
    public static void Run(Gpu gpu, int part, int parts, Action<KernelFigure> report)
    {
        foreach (CudaKernel kernel in All(gpu.Kernels.Limits).Where((_, i) => i % parts == part))
        {
            long begun = Stopwatch.GetTimestamp();
            try
            {
                KernelResources resources = gpu.Kernels.Resources(kernel);
                report(new KernelFigure(
                    kernel.ToString(), resources.Registers, resources.LocalBytes, Stopwatch.GetElapsedTime(begun).TotalMilliseconds));
            }
            catch (CudaException failure)
            {
                Console.Error.WriteLine(failure.Message); // the stage that needs the kernel will report it
            }
        }
    }

    /// <summary>The distinct kernels, in the same order in every process.</summary>
    public static IReadOnlyList<CudaKernel> All(CudaLimits limits)
        => [.. Rounds().SelectMany(round => KernelRecorder.Kernels(limits, round)).Distinct()];

    private static IEnumerable<RoundCase> Rounds()
    {
        foreach (RoundCase round in RoundCase.All())
            yield return round;
        foreach (ScanDirections direction in new[] { ScanDirections.LeftToRight, ScanDirections.TopToBottom })
        {
            CudaOperator softmax = RoundCase.Round((16, 8, 1024, 1024), 8, direction, CudaScalar.Float32, inputGate: true);
            yield return new(Pass.Forward, softmax with { Normalization = GateNormalization.NormalizedSigmoid });
        }
        // Small maps with every option, as in the tests, with and without room for a whole plane in shared memory and without a merge.
        foreach (CudaScalar scalar in Enum.GetValues<CudaScalar>())
        foreach (GateNormalization normalization in Enum.GetValues<GateNormalization>())
        foreach (GateConnection connection in Enum.GetValues<GateConnection>())
        foreach (bool inputGate in new[] { false, true })
        foreach (int groups in new[] { 1, 4 })
        foreach (DirectionMerge merge in new[] { DirectionMerge.Max, DirectionMerge.None })
        foreach (Pass pass in Enum.GetValues<Pass>())
        {
            if (normalization == GateNormalization.NormalizedSigmoid && !inputGate)
                continue;
            var shape = new PropagationShape(2, 4, 5, 7, groups, ScanDirections.All, connection);
            yield return new(pass, new CudaOperator(shape, scalar, normalization, merge, inputGate));
        }
    }
}
