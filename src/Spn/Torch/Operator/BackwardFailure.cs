using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// Reports a failure inside an autograd callback to the caller. A managed exception would cross native frames and end the process, so the
/// failure is signalled through a gradient, and <see cref="BackwardError.Last"/> holds its cause.
/// </summary>
internal static class BackwardFailure
{
    // An empty tensor does not match any input's shape, so libtorch raises an error, which backward() rethrows to its caller.
    private static readonly torch.Tensor s_misfit = torch.empty(0).DetachFromDisposeScope();

    // TorchSharp 0.107's autograd.grad does not catch that error and the process would end, so it gets NaN gradients instead. So does every
    // caller whose frames are not on this thread: libtorch runs the backward pass of CUDA tensors on a thread of its own.
    private static readonly torch.Tensor s_nan = torch.tensor(float.NaN).DetachFromDisposeScope();

    /// <summary>
    /// Gradients that make the running backward pass fail if that is safe, and otherwise turn its result into NaN. They are new tensors,
    /// which the caller owns.
    /// </summary>
    public static torch.Tensor?[] Gradients(PropagationCall call, torch.Device device)
    {
        if (CalledByBackward())
            return [s_misfit.alias(), s_misfit.alias(), call.InputGateShape is null ? null : s_misfit.alias()];
        using torch.Tensor nan = s_nan.to(device);
        return
        [
            nan.expand(call.XShape), nan.expand(call.GuidanceShape), call.InputGateShape is null ? null : nan.expand(call.InputGateShape),
        ];
    }

    // The innermost call decides. In a trimmed program without method names, no caller is found.
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A frame without a method name counts as not found.")]
    private static bool CalledByBackward()
    {
        MethodBase? caller = new StackTrace().GetFrames().Select(frame => frame.GetMethod()).FirstOrDefault(
            method => method?.Name is nameof(torch.autograd.grad) or nameof(torch.autograd.backward)
                && (method.DeclaringType == typeof(torch.autograd) || method.DeclaringType == typeof(torch.Tensor)));
        return caller?.Name == nameof(torch.autograd.backward);
    }
}
