using System.Runtime.InteropServices;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Rounds;
using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Baselines;

/// <summary>
/// One direction computed by classic.cu with one launch per line. It uses the buffers of a round, so that the same check applies.
/// </summary>
internal sealed unsafe class ClassicScan : IDisposable
{
    private const int Threads = 256;

    private readonly Gpu _gpu;
    private readonly RoundCase _case;
    private readonly nint _gradHidden, _function;
    private readonly ClassicArguments _arguments;

    public ClassicScan(Gpu gpu, Round round)
    {
        (_gpu, _case) = (gpu, round.Case);
        CudaOperator op = _case.Operator;
        PropagationShape shape = op.Shape;
        bool backward = _case.Pass == Pass.Backward, columns = shape.ColumnDirections > 0;
        if (shape.DirectionCount != 1 || shape.Gates != 3 || (backward && shape.Groups != shape.Channels))
            throw new NotSupportedException(
                $"The classic kernels support one three-way direction, and backward with separate gates per channel; got {_case}.");
        string defines =
            $"SPN_SCALAR={(int)op.Scalar} SPN_NORMALIZATION={(int)op.Normalization} SPN_INPUT_GATE={(op.HasInputGate ? 1 : 0)}";
        _function = gpu.Function(new CudaKernel("classic.cu", backward ? "classic_backward" : "classic_forward", defines));
        _gradHidden = backward ? gpu.Allocate(op.MapElements * op.Scalar.RealSize()) : 0;
        RoundBuffers buffers = round.Buffers;
        _arguments = new ClassicArguments
        {
            Planes = shape.Batch * shape.Channels, Channels = shape.Channels, Groups = shape.Groups,
            Lines = columns ? shape.Width : shape.Height, Length = columns ? shape.Height : shape.Width,
            Step = shape.Directions is ScanDirections.LeftToRight or ScanDirections.TopToBottom ? 1 : -1,
            LineStride = columns ? 1 : shape.Width, PixelStride = columns ? shape.Width : 1, Plane = shape.Plane,
            X = buffers.X, Guidance = buffers.Guidance, InputGate = buffers.InputGate, GradOutput = buffers.GradOutput,
            Hidden = backward ? buffers.Hidden : buffers.Output, GradHidden = _gradHidden,
            GradX = buffers.GradX, GradGuidance = buffers.GradGuidance, GradInputGate = buffers.GradInputGate,
        };
    }

    /// <summary>Enqueues the pass.</summary>
    public void Enqueue()
    {
        ClassicArguments arguments = _arguments;
        var launch = new CudaLaunch((int)(((long)arguments.Planes * arguments.Length + Threads - 1) / Threads), Threads, 0, 1);
        for (int i = 0; i < arguments.Lines; i++)
        {
            // Forward in scan order, backward in reverse order.
            int visited = _case.Pass == Pass.Backward ? arguments.Lines - 1 - i : i;
            arguments.Line = arguments.Step > 0 ? visited : arguments.Lines - 1 - visited;
            arguments.First = visited == 0 ? 1 : 0;
            _gpu.Driver.Launch(_function, launch, _gpu.Stream, &arguments, sizeof(ClassicArguments), "classic");
        }
    }

    public void Dispose() => _gpu.Free(_gradHidden);

    /// <summary><c>Classic</c> in classic.cu.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ClassicArguments
    {
        public int Planes, Channels, Groups;
        public int Lines, Length;
        public int Line, Step;
        public int First;
        public long LineStride, PixelStride, Plane;
        public nint X, Guidance, InputGate, GradOutput;
        public nint Hidden;
        public nint GradHidden;
        public nint GradX, GradGuidance, GradInputGate;
    }
}
