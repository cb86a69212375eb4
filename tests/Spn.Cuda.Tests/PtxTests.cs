using System.Text.RegularExpressions;
using Spn.Cuda.Tests.Ptx;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>The kernels as PTX: they need no header, leave no call open, keep arrays in registers, and use what an architecture has and nothing newer.</summary>
public sealed partial class PtxTests
{
    // What NVRTC brings code for though the hardware has no instruction.
    private static readonly string[] s_known = ["exp"];

    private static readonly (int Batch, int Channels, int Height, int Width, int Groups)[] s_sizes =
        [(1, 8, 64, 64, 1), (16, 8, 512, 512, 8), (16, 8, 512, 512, 2), (1, 1, 4096, 200, 1)];

    /// <summary>A device, and which sizes it compiles for. The older architectures share them, because their code differs in few instructions.</summary>
    public static TheoryData<int, int, int, int[]> Devices
        => new() { { 75, 64, 1, [1, 2] }, { 80, 163, 1, [0, 3] }, { 90, 227, 8, [0, 1, 2, 3] } };

    [Theory]
    [MemberData(nameof(Devices))]
    public void Every_kernel_compiles(int architecture, int sharedKilobytes, int cluster, int[] sizes)
    {
        PtxCompiler.Require();
        using var folder = new TemporaryFolder();
        KernelFiles.Embedded.WriteTo(folder.Path);
        foreach (Launch launch in Launches(new CudaLimits(architecture, 100, sharedKilobytes << 10, cluster), sizes))
        {
            string ptx = PtxCompiler.Compile(launch.Kernel, architecture, folder.Path), about = $"{launch.Kernel} for sm_{architecture}";
            Match entry = Regex.Match(ptx, $@"\.visible \.entry {launch.Kernel.Entry}\(\s*\.param \.align 8 \.b8 \w+\[(\d+)\]\s*\)\s*\.maxntid (\d+), 1, 1\s*\.minnctapersm 1\s");
            Assert.True(entry.Success, about);
            Assert.Equal(launch.ArgumentBytes, int.Parse(entry.Groups[1].Value));
            Assert.True(launch.Threads <= int.Parse(entry.Groups[2].Value), about);

            Assert.Empty(Calls().Matches(ptx).Select(call => call.Groups[1].Value).Except(s_known));
            Assert.DoesNotContain(".local", ptx, StringComparison.Ordinal);
            Assert.All(SharedMemory().Matches(ptx), shared => Assert.Equal(".extern .shared .align 16 .b8 spn_shared_[]", shared.Value));
            bool scans = launch.Kernel.File is "forward.cu" or "backward.cu";
            Has(ptx, "cp.async.cg.shared.global.L2::128B", (scans || launch.Kernel.File == "plane.cu") && architecture >= 80, about);
            Has(ptx, "cp.async.wait_group", (scans || launch.Kernel.File == "plane.cu") && architecture >= 80, about);
            Has(ptx, "barrier.cluster.arrive.release.aligned", scans && architecture >= 90, about);
            Has(ptx, "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.b32", scans && architecture >= 90, about);
            Has(ptx, "mbarrier.try_wait.parity.acquire.cluster", scans && architecture >= 90, about);
        }
    }

    private static void Has(string ptx, string instruction, bool expected, string about)
        => Assert.True(ptx.Contains(instruction, StringComparison.Ordinal) == expected, $"{instruction} is {(expected ? "not " : "")}in {about}");

    /// <summary>What rounds of all schemes ask a device for, over all types and options.</summary>
    private static IReadOnlyCollection<Launch> Launches(CudaLimits limits, int[] sizes)
    {
        var device = new Recorder(limits);
        int number = 0;
        foreach ((int batch, int channels, int height, int width, int groups) in sizes.Select(i => s_sizes[i]))
        foreach (CudaScalar scalar in Enum.GetValues<CudaScalar>())
        {
            GateConnection connection = number % 3 == 2 ? GateConnection.OneWay : GateConnection.ThreeWay;
            var shape = new PropagationShape(batch, channels, height, width, groups, ScanDirections.All, connection);
            var op = new CudaOperator(shape, scalar, (GateNormalization)(number % 5), DirectionMerge.Max, HasInputGate: number % 5 == 4 || number % 2 == 1);
            device.Run(op);
            number++;
        }

        return device.Launches;
    }

    [GeneratedRegex(@"\.extern \.func[^;]*?(?:\)\s*)?(\w+)\s*\n?\s*\(")]
    private static partial Regex Calls();

    [GeneratedRegex(@"^.*\.shared \.align.*\]", RegexOptions.Multiline)]
    private static partial Regex SharedMemory();

    private sealed record Launch(CudaKernel Kernel, int Threads, int ArgumentBytes);

    /// <summary>Launches nothing and keeps what it is asked for.</summary>
    private sealed unsafe class Recorder(CudaLimits limits) : ICudaDevice
    {
        private readonly Dictionary<CudaKernel, Launch> _launches = [];

        public CudaLimits Limits => limits;

        public IReadOnlyCollection<Launch> Launches => _launches.Values;

        void ICudaDevice.Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes)
            => _launches[kernel] = new Launch(kernel, Math.Max(launch.Threads, _launches.GetValueOrDefault(kernel)?.Threads ?? 0), argumentBytes);

        public void Run(in CudaOperator op)
        {
            void* somewhere = (void*)4096;
            CudaPropagation.Forward(this, op, ForwardPlan.Make(limits, op, keepsHidden: false), new CudaForwardJob { Output = somewhere }, somewhere);
            CudaPropagation.Forward(this, op, ForwardPlan.Make(limits, op, keepsHidden: true), new CudaForwardJob { Output = somewhere, Hidden = somewhere }, somewhere);
            CudaPropagation.Backward(this, op, BackwardPlan.Make(limits, op), default, somewhere);
        }
    }
}
