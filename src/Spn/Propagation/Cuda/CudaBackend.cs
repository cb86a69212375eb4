using Spn.Torch;
using TorchSharp;

namespace Spn.Propagation.Cuda;

/// <summary>
/// Computes rounds on a CUDA device. The tensors may have any strides; only those whose rows are not contiguous are copied. No call
/// waits for the device.
/// </summary>
internal sealed unsafe class CudaBackend(ICudaDevice device) : IPropagationBackend
{
    /// <summary>Whether the kernels support an element type.</summary>
    public static bool Computes(torch.ScalarType type) => Scalar(type) is not null;

    /// <summary>
    /// The kernels read any strides, but if neighbouring pixels are not adjacent (channels last, or an expanded gradient), each pixel costs
    /// a memory transaction of its own, several times the traffic of a copy.
    /// </summary>
    public torch.Tensor Prepare(torch.Tensor tensor)
        => tensor.shape[3] == 1 || tensor.stride(3) == 1 ? tensor.alias() : tensor.contiguous();

    public int MaxRounds(PropagationCall call, torch.Tensor x)
        => ForwardPlan.Make(device.Limits, Operator(call, x), keepsHidden: false).MaxRounds;

    public void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? inputGate, torch.Tensor? output, torch.Tensor? hidden,
        torch.Tensor? winners, int rounds = 1)
    {
        CudaOperator op = Operator(call, x);
        ForwardPlan plan;
        do
            plan = ForwardPlan.Make(device.Limits, op, keepsHidden: hidden is not null);
        while (!HoldsClusters(plan.Scan, plan.Rows is null ? call.Shape.Directions : call.Shape.DirectionAt(0))
            || !HoldsClusters(plan.Rows, call.Shape.DirectionAt(call.Shape.DirectionCount - 1)));
        bool HoldsClusters(ScanPlan? scan, ScanDirections directions)
            => scan is not { Cluster: > 1 }
                || device.HoldsCluster(CudaKernels.Forward(op, scan, 16, directions, CudaCombine.Set), scan.OneCluster);
        var job = new CudaForwardJob
        {
            X = Map(x),
            Guidance = Map(guidance),
            InputGate = Map(inputGate),
            Output = Pointer(output),
            Hidden = Pointer(hidden),
            Winners = (byte*)Pointer(winners),
        };
        // libtorch's allocator reuses memory in stream order, so the scratch memory may be freed before the kernels have run.
        using torch.Tensor? scratch = Scratch(plan.ScratchBytes, x);
        CudaPropagation.Forward(device, op, plan, job, Pointer(scratch), rounds);
        GC.KeepAlive(x);
        GC.KeepAlive(guidance);
        GC.KeepAlive(inputGate);
        GC.KeepAlive(output);
        GC.KeepAlive(hidden);
        GC.KeepAlive(winners);
    }

    public void Backward(
        PropagationCall call, ForwardState state, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance,
        torch.Tensor? gradInputGate)
    {
        CudaOperator op = Operator(call, state.X);
        BackwardPlan plan;
        do
            plan = BackwardPlan.Make(device.Limits, op);
        while (plan.Scan.Cluster > 1
            && !device.HoldsCluster(CudaKernels.Backward(op, plan.Scan, 16, plan.Parts > 1), plan.Scan.OneCluster));
        // Without a merge, [N, D, C, H, W] is read as [N, D·C, H, W].
        using torch.Tensor maps = gradOutput.dim() == 4 ? gradOutput.alias() : gradOutput.flatten(1, 2);
        using torch.Tensor gradient = Prepare(maps);
        var job = new CudaBackwardJob
        {
            X = Map(state.X),
            Guidance = Map(state.Guidance),
            InputGate = Map(state.InputGate),
            GradOutput = Map(gradient),
            Hidden = Pointer(state.Hidden),
            Winners = (byte*)Pointer(state.Winners),
            GradX = Pointer(gradX),
            GradGuidance = Pointer(gradGuidance),
            GradInputGate = Pointer(gradInputGate),
        };
        using torch.Tensor? scratch = Scratch(plan.ScratchBytes, state.X);
        CudaPropagation.Backward(device, op, plan, job, Pointer(scratch));
        GC.KeepAlive(state);
        GC.KeepAlive(gradX);
        GC.KeepAlive(gradGuidance);
        GC.KeepAlive(gradInputGate);
    }

    private static CudaOperator Operator(PropagationCall call, torch.Tensor x)
    {
        CudaScalar scalar = Scalar(x.dtype) ?? throw new NotSupportedException($"The CUDA kernels do not support {x.dtype}.");
        return new CudaOperator(call.Shape, scalar, call.Normalization, call.Merge, call.HasInputGate);
    }

    private static CudaScalar? Scalar(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float32 => CudaScalar.Float32,
        torch.ScalarType.Float64 => CudaScalar.Float64,
        torch.ScalarType.Float16 => CudaScalar.Float16,
        torch.ScalarType.BFloat16 => CudaScalar.BFloat16,
        _ => null,
    };

    private static CudaMap Map(torch.Tensor? tensor)
        => tensor is null ? default : new CudaMap(TensorMemory.Pointer(tensor), (int)tensor.element_size(), tensor.shape, tensor.stride());

    private static void* Pointer(torch.Tensor? tensor) => tensor is null ? null : TensorMemory.Pointer(tensor);

    private static torch.Tensor? Scratch(long bytes, torch.Tensor x)
        => bytes == 0 ? null : torch.empty(bytes, torch.ScalarType.Byte, x.device);
}
