using System.Numerics;
using Spn.Propagation.Cpu;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>One round on contiguous CPU tensors: hands their memory to the kernels.</summary>
internal static unsafe class CpuRound
{
    /// <summary>x → output; with <paramref name="hidden"/> (and <paramref name="winners"/> for max) also what the backward pass needs.</summary>
    public static void Forward(
        PropagationCall call, torch.Tensor x, torch.Tensor guidance, torch.Tensor? xGate, torch.Tensor? output, torch.Tensor? hidden, torch.Tensor? winners)
    {
        if (x.dtype == torch.ScalarType.Float64)
            Forward<double>(call, x, guidance, xGate, output, hidden, winners);
        else
            Forward<float>(call, x, guidance, xGate, output, hidden, winners);
    }

    /// <summary>∂L/∂output → ∂L/∂x, ∂L/∂guidance, ∂L/∂λ.</summary>
    public static void Backward(PropagationCall call, SavedRound saved, torch.Tensor gradOutput, torch.Tensor gradX, torch.Tensor gradGuidance, torch.Tensor? gradXGate)
    {
        if (gradX.dtype == torch.ScalarType.Float64)
            Backward<double>(call, saved, gradOutput, gradX, gradGuidance, gradXGate);
        else
            Backward<float>(call, saved, gradOutput, gradX, gradGuidance, gradXGate);
    }

    private static void Forward<T>(
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
        CpuPropagation.Forward(ref job, call.Normalization, call.Threads, call.Level);
        GC.KeepAlive(x);
        GC.KeepAlive(guidance);
        GC.KeepAlive(xGate);
        GC.KeepAlive(output);
        GC.KeepAlive(hidden);
        GC.KeepAlive(winners);
    }

    private static void Backward<T>(
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
        CpuPropagation.Backward(ref job, call.Normalization, call.Threads, call.Level);
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
