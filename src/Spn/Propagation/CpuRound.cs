using System.Numerics;
using Spn.Propagation.Cpu;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>One round on contiguous CPU tensors: hands their memory to the kernels.</summary>
/// <param name="threads">The most threads to use.</param>
/// <param name="level">The vectors to use.</param>
internal sealed unsafe class CpuRound(int threads, SimdLevel level) : IRoundBackend
{
    /// <summary>16-bit types are computed in float32.</summary>
    public torch.Tensor Take(torch.Tensor tensor)
    {
        torch.Tensor here = tensor.cpu();
        return (here.dtype is torch.ScalarType.Float16 or torch.ScalarType.BFloat16 ? here.to(torch.ScalarType.Float32) : here).contiguous();
    }

    public void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate, torch.Tensor? output, torch.Tensor? hidden, torch.Tensor? winners)
    {
        if (x.dtype == torch.ScalarType.Float64)
            Forward<double>(call, x, guidance, xGate, output, hidden, winners);
        else
            Forward<float>(call, x, guidance, xGate, output, hidden, winners);
    }

    public void Backward(PropagationCall call, SavedRound saved, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance, torch.Tensor? gradXGate)
    {
        using torch.Tensor gradient = gradOutput.contiguous();
        if (gradX.dtype == torch.ScalarType.Float64)
            Backward<double>(call, saved, gradient, gradX, gradGuidance, gradXGate);
        else
            Backward<float>(call, saved, gradient, gradX, gradGuidance, gradXGate);
    }

    private void Forward<T>(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate, torch.Tensor? output, torch.Tensor? hidden, torch.Tensor? winners)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var job = new ForwardJob<T>
        {
            Shape = call.Shape,
            Merge = call.Merge,
            X = Pointer<T>(x),
            Guidance = Pointer<T>(guidance),
            XGate = Pointer<T>(xGate),
            Output = Pointer<T>(output),
            Hidden = Pointer<T>(hidden),
            Winners = Pointer<byte>(winners),
        };
        CpuPropagation.Forward(ref job, call.Normalization, threads, level);
        GC.KeepAlive(x);
        GC.KeepAlive(guidance);
        GC.KeepAlive(xGate);
        GC.KeepAlive(output);
        GC.KeepAlive(hidden);
        GC.KeepAlive(winners);
    }

    private void Backward<T>(
        PropagationCall call, SavedRound saved, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance, torch.Tensor? gradXGate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var job = new BackwardJob<T>
        {
            Shape = call.Shape,
            Merge = call.Merge,
            X = Pointer<T>(saved.X),
            Guidance = Pointer<T>(saved.Guidance),
            XGate = Pointer<T>(saved.XGate),
            Hidden = Pointer<T>(saved.Hidden),
            Winners = Pointer<byte>(saved.Winners),
            GradOutput = Pointer<T>(gradOutput),
            GradX = Pointer<T>(gradX),
            GradGuidance = Pointer<T>(gradGuidance),
            GradXGate = Pointer<T>(gradXGate),
        };
        CpuPropagation.Backward(ref job, call.Normalization, threads, level);
        GC.KeepAlive(saved);
        GC.KeepAlive(gradOutput);
        GC.KeepAlive(gradX);
        GC.KeepAlive(gradGuidance);
        GC.KeepAlive(gradXGate);
    }

    private static T* Pointer<T>(torch.Tensor? tensor)
        where T : unmanaged
        => tensor is null ? null : (T*)TensorMemory.Pointer(tensor);
}
