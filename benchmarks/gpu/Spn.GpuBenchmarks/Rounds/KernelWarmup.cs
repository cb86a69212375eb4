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
    public static void Run(
        Gpu gpu, IReadOnlyList<KeyValuePair<CudaKernel, CudaLaunch>> kernels, int part, int parts, Action<KernelFigure> report)
    {
        foreach ((CudaKernel kernel, CudaLaunch launch) in kernels.Where((_, i) => i % parts == part))
        {
            long begun = Stopwatch.GetTimestamp();
            try
            {
                gpu.Inspector.Image(kernel);
                double milliseconds = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                report(gpu.Inspector.Inspect(kernel, launch) with { CompileMilliseconds = milliseconds });
            }
            catch (CudaException failure)
            {
                Console.Error.WriteLine(failure.Message); // the stage that needs the kernel will report it
            }
        }
    }

    /// <summary>The kernels of the measured rounds, to be studied elsewhere.</summary>
    public static IEnumerable<CudaKernel> Measured(CudaLimits limits)
        => RoundCase.All().SelectMany(round => KernelRecorder.Kernels(limits, round).Keys).Distinct();

    /// <summary>The distinct kernels of the measurements and of the tests of schemes, in the same order in every process.</summary>
    public static IReadOnlyList<KeyValuePair<CudaKernel, CudaLaunch>> All(CudaLimits limits)
        => Distinct(
            MeasuredRounds().SelectMany(round => KernelRecorder.Kernels(limits, round)).Concat(
                LesserDevices(limits).SelectMany(lesser => TestRounds().SelectMany(round => KernelRecorder.Kernels(lesser, round)))));

    /// <summary>Those of the tests of every option.</summary>
    public static IReadOnlyList<KeyValuePair<CudaKernel, CudaLaunch>> Options(CudaLimits limits)
        => Distinct(OptionRounds().SelectMany(round => KernelRecorder.Kernels(limits, round)));

    private static IReadOnlyList<KeyValuePair<CudaKernel, CudaLaunch>> Distinct(IEnumerable<KeyValuePair<CudaKernel, CudaLaunch>> kernels)
        => [.. kernels.DistinctBy(kernel => kernel.Key)];

    // As in the tests: the device itself, one with a single multiprocessor, and one with little shared memory and no clusters.
    private static IEnumerable<CudaLimits> LesserDevices(CudaLimits limits)
        => [limits, limits with { Multiprocessors = 1 }, limits with { MaxCluster = 1, SharedBytesPerBlock = 54 << 10 }];

    // The rounds of the tests of schemes, of long lines and of equal runs.
    private static IEnumerable<RoundCase> TestRounds()
    {
        IEnumerable<RoundCase> Of(int channels, int height, int width, int groups, ScanDirections directions, CudaScalar scalar)
            => Enum.GetValues<Pass>().Select(
                pass => new RoundCase(pass, RoundCase.Round((1, channels, height, width), groups, directions, scalar)));

        CudaScalar[] scalars = Enum.GetValues<CudaScalar>();
        return
        [
            .. from size in new[] { (40, 50), (37, 130), (140, 9) }
               from groups in new[] { 1, 3 }
               from directions in new[] { ScanDirections.LeftToRight, ScanDirections.All }
               from scalar in scalars
               from round in Of(3, size.Item1, size.Item2, groups, directions, scalar)
               select round,
            .. from size in new[] { (1023, 33), (31, 777), (2051, 17) }
               from scalar in new[] { CudaScalar.Float32, CudaScalar.BFloat16 }
               from round in Of(2, size.Item1, size.Item2, 1, ScanDirections.All, scalar)
               select round,
            .. from scalar in scalars from round in Of(4, 260, 263, 1, ScanDirections.All, scalar) select round,
        ];
    }

    private static IEnumerable<RoundCase> MeasuredRounds()
    {
        foreach (RoundCase round in RoundCase.All())
            yield return round;
        foreach (ScanDirections direction in new[] { ScanDirections.LeftToRight, ScanDirections.TopToBottom })
        {
            CudaOperator softmax = RoundCase.Round((16, 8, 1024, 1024), 8, direction, CudaScalar.Float32, inputGate: true);
            yield return new(Pass.Forward, softmax with { Normalization = GateNormalization.NormalizedSigmoid });
        }
    }

    // Small maps with every option, as in the tests, with and without room for a whole plane in shared memory and without a merge.
    private static IEnumerable<RoundCase> OptionRounds()
    {
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
