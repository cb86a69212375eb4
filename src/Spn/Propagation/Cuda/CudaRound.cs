using TorchSharp;

namespace Spn.Propagation.Cuda;

/// <summary>One round on a device's tensors of any strides: hands their memory to the kernels. Nothing is copied and nothing waits.</summary>
internal sealed unsafe class CudaRound(ICudaDevice device) : IRoundBackend
{
    /// <summary>Whether the kernels know an element type.</summary>
    public static bool Computes(torch.ScalarType type) => Scalar(type) is not null;

    /// <summary>Kernels read any strides, so nothing is copied.</summary>
    public torch.Tensor Take(torch.Tensor tensor) => tensor.alias();

    public void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate, torch.Tensor? output, torch.Tensor? hidden, torch.Tensor? winners)
    {
        CudaOperator op = Operator(call, x);
        ForwardPlan plan = ForwardPlan.Make(device.Limits, op, keepsHidden: hidden is not null);
        var job = new CudaForwardJob
        {
            X = Map(x),
            Guidance = Map(guidance),
            XGate = Map(xGate),
            Output = Pointer(output),
            Hidden = Pointer(hidden),
            Winners = (byte*)Pointer(winners),
        };
        // The allocator hands scratch out again in the stream's order, so it may go before the kernels have run.
        using torch.Tensor? scratch = Scratch(plan.ScratchBytes, x);
        CudaPropagation.Forward(device, op, plan, job, Pointer(scratch));
        GC.KeepAlive(x);
        GC.KeepAlive(guidance);
        GC.KeepAlive(xGate);
        GC.KeepAlive(output);
        GC.KeepAlive(hidden);
        GC.KeepAlive(winners);
    }

    public void Backward(PropagationCall call, SavedRound saved, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance, torch.Tensor? gradXGate)
    {
        CudaOperator op = Operator(call, saved.X);
        BackwardPlan plan = BackwardPlan.Make(device.Limits, op);
        // Without a merge [N, D, C, H, W] is read as [N, D·C, H, W].
        using torch.Tensor gradient = gradOutput.dim() == 4 ? gradOutput.alias() : gradOutput.flatten(1, 2);
        var job = new CudaBackwardJob
        {
            X = Map(saved.X),
            Guidance = Map(saved.Guidance),
            XGate = Map(saved.XGate),
            GradOutput = Map(gradient),
            Hidden = Pointer(saved.Hidden),
            Winners = (byte*)Pointer(saved.Winners),
            GradX = Pointer(gradX),
            GradGuidance = Pointer(gradGuidance),
            GradXGate = Pointer(gradXGate),
        };
        using torch.Tensor? scratch = Scratch(plan.ScratchBytes, saved.X);
        CudaPropagation.Backward(device, op, plan, job, Pointer(scratch));
        GC.KeepAlive(saved);
        GC.KeepAlive(gradX);
        GC.KeepAlive(gradGuidance);
        GC.KeepAlive(gradXGate);
    }

    private static CudaOperator Operator(PropagationCall call, torch.Tensor x)
        => new(call.Shape, Scalar(x.dtype) ?? throw new NotSupportedException($"The CUDA kernels do not compute in {x.dtype}."), call.Normalization, call.Merge, call.HasXGate);

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

    private static torch.Tensor? Scratch(long bytes, torch.Tensor x) => bytes == 0 ? null : torch.empty(bytes, torch.ScalarType.Byte, x.device);
}
