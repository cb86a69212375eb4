using System.Numerics;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;

namespace Spn.Torch;

/// <summary>Computes one round on the CPU: passes the memory of contiguous tensors to the kernels.</summary>
/// <param name="threads">Maximum number of threads.</param>
/// <param name="level">The SIMD level to use.</param>
internal sealed unsafe class CpuBackend(int threads, SimdLevel level) : IPropagationBackend
{
    /// <summary>Copies the tensor to the CPU as a contiguous tensor; 16-bit types are converted to float32.</summary>
    public torch.Tensor Prepare(torch.Tensor tensor)
    {
        torch.Tensor here = tensor.cpu();
        bool isHalf = here.dtype is torch.ScalarType.Float16 or torch.ScalarType.BFloat16;
        return (isHalf ? here.to(torch.ScalarType.Float32) : here).contiguous();
    }

    public int MaxRounds(PropagationCall call, torch.Tensor x) => 1;

    public void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? inputGate, torch.Tensor? output, torch.Tensor? hidden,
        torch.Tensor? winners, int rounds = 1)
    {
        if (x.dtype == torch.ScalarType.Float64)
            Forward<double>(call, x, guidance, inputGate, output, hidden, winners);
        else
            Forward<float>(call, x, guidance, inputGate, output, hidden, winners);
    }

    public void Backward(
        PropagationCall call, ForwardState state, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance,
        torch.Tensor? gradInputGate)
    {
        using torch.Tensor gradient = gradOutput.contiguous();
        if (gradX.dtype == torch.ScalarType.Float64)
            Backward<double>(call, state, gradient, gradX, gradGuidance, gradInputGate);
        else
            Backward<float>(call, state, gradient, gradX, gradGuidance, gradInputGate);
    }

    private void Forward<T>(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? inputGate, torch.Tensor? output, torch.Tensor? hidden,
        torch.Tensor? winners)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var job = new ForwardJob<T>
        {
            Shape = call.Shape,
            Merge = call.Merge,
            X = Pointer<T>(x),
            Guidance = Pointer<T>(guidance),
            InputGate = Pointer<T>(inputGate),
            Output = Pointer<T>(output),
            Hidden = Pointer<T>(hidden),
            Winners = Pointer<byte>(winners),
        };
        CpuPropagation.Forward(ref job, call.Normalization, threads, level);
        GC.KeepAlive(x);
        GC.KeepAlive(guidance);
        GC.KeepAlive(inputGate);
        GC.KeepAlive(output);
        GC.KeepAlive(hidden);
        GC.KeepAlive(winners);
    }

    private void Backward<T>(
        PropagationCall call, ForwardState state, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance,
        torch.Tensor? gradInputGate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var job = new BackwardJob<T>
        {
            Shape = call.Shape,
            Merge = call.Merge,
            X = Pointer<T>(state.X),
            Guidance = Pointer<T>(state.Guidance),
            InputGate = Pointer<T>(state.InputGate),
            Hidden = Pointer<T>(state.Hidden),
            Winners = Pointer<byte>(state.Winners),
            GradOutput = Pointer<T>(gradOutput),
            GradX = Pointer<T>(gradX),
            GradGuidance = Pointer<T>(gradGuidance),
            GradInputGate = Pointer<T>(gradInputGate),
        };
        CpuPropagation.Backward(ref job, call.Normalization, threads, level);
        GC.KeepAlive(state);
        GC.KeepAlive(gradOutput);
        GC.KeepAlive(gradX);
        GC.KeepAlive(gradGuidance);
        GC.KeepAlive(gradInputGate);
    }

    private static T* Pointer<T>(torch.Tensor? tensor)
        where T : unmanaged
        => tensor is null ? null : (T*)TensorMemory.Pointer(tensor);
}
