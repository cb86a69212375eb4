using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Model;
using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>A planned round and its buffers.</summary>
internal sealed unsafe class Round : IDisposable
{
    private readonly Gpu _gpu;
    private readonly ForwardPlan _forward;
    private readonly BackwardPlan? _backward;

    public Round(Gpu gpu, RoundCase of)
    {
        (_gpu, Case) = (gpu, of);
        _forward = ForwardPlan.Make(gpu.Kernels.Limits, of.Operator, keepsHidden: of.Pass != Pass.Forward);
        _backward = of.Pass == Pass.Backward ? BackwardPlan.Make(gpu.Kernels.Limits, of.Operator) : null;
        Buffers = new RoundBuffers(gpu, of.Operator, of.Pass);
    }

    public RoundCase Case { get; }

    public RoundBuffers Buffers { get; }

    public RoundCost Cost
        => _backward is null
            ? RoundCost.Forward(Case.Operator, _forward, Case.Pass == Pass.Training)
            : RoundCost.Backward(Case.Operator, _backward);

    /// <summary>The kernels that the pass launches.</summary>
    public IReadOnlyDictionary<CudaKernel, CudaLaunch> Kernels => KernelRecorder.Kernels(_gpu.Kernels.Limits, Case);

    /// <summary>Enqueues the pass. A backward pass requires an earlier <see cref="Forward"/>.</summary>
    public void Enqueue()
    {
        if (_backward is null)
            Forward();
        else
            Backward();
    }

    /// <summary>Enqueues the forward round.</summary>
    public void Forward() => Forward(Buffers.X, Buffers.Output);

    /// <summary>Enqueues two forward rounds with the same gates, together if one launch can compute both.</summary>
    public void ForwardTwice(nint output)
    {
        if (_forward.MaxRounds > 1)
        {
            Forward(Buffers.X, output, rounds: 2);
            return;
        }

        Forward();
        Forward(Buffers.Output, output);
    }

    private void Forward(nint x, nint output, int rounds = 1)
    {
        var job = new CudaForwardJob
        {
            X = Map(x), Guidance = Gates(Buffers.Guidance, Case.Operator.Shape.Gates), InputGate = Gates(Buffers.InputGate, 1),
            Output = (void*)output, Hidden = (void*)Buffers.Hidden, Winners = (byte*)Buffers.Winners,
        };
        CudaPropagation.Forward(_gpu.Kernels, Case.Operator, _forward, job, (void*)Buffers.Scratch, rounds);
    }

    public void Dispose() => Buffers.Dispose();

    private void Backward()
    {
        var job = new CudaBackwardJob
        {
            X = Map(Buffers.X), Guidance = Gates(Buffers.Guidance, Case.Operator.Shape.Gates), InputGate = Gates(Buffers.InputGate, 1),
            GradOutput = Map(Buffers.GradOutput),
            Hidden = (void*)Buffers.Hidden, Winners = (byte*)Buffers.Winners,
            GradX = (void*)Buffers.GradX, GradGuidance = (void*)Buffers.GradGuidance, GradInputGate = (void*)Buffers.GradInputGate,
        };
        CudaPropagation.Backward(_gpu.Kernels, Case.Operator, _backward!, job, (void*)Buffers.Scratch);
    }

    private CudaMap Map(nint data)
    {
        PropagationShape shape = Case.Operator.Shape;
        return CudaMap.Contiguous((void*)data, Case.Operator.Scalar.Size(), shape.Batch, shape.Channels, shape.Height, shape.Width);
    }

    private CudaMap Gates(nint data, int gates)
    {
        PropagationShape shape = Case.Operator.Shape;
        if (data == 0)
            return default;
        int maps = shape.DirectionCount * gates * shape.Groups;
        return CudaMap.Contiguous((void*)data, Case.Operator.Scalar.Size(), shape.Batch, maps, shape.Height, shape.Width);
    }
}
