using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
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

    // TorchSharp 0.107's autograd.grad does not catch that error and the process would end, so it gets NaN gradients instead.
    private static readonly torch.Tensor s_nan = torch.tensor(float.NaN).DetachFromDisposeScope();

    /// <summary>
    /// Gradients that make the running backward pass fail if that is safe, and otherwise turn its result into NaN. They are new tensors,
    /// which the caller owns.
    /// </summary>
    public static torch.Tensor?[] Gradients(PropagationCall call, torch.Device device)
    {
        if (!CalledByGrad())
            return [s_misfit.alias(), s_misfit.alias(), call.InputGateShape is null ? null : s_misfit.alias()];
        using torch.Tensor nan = s_nan.to(device);
        return
        [
            nan.expand(call.XShape), nan.expand(call.GuidanceShape), call.InputGateShape is null ? null : nan.expand(call.InputGateShape),
        ];
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A frame without a method name counts as not found.")]
    private static bool CalledByGrad()
        => new StackTrace().GetFrames().Any(
            frame => frame.GetMethod() is { Name: nameof(torch.autograd.grad) } method && method.DeclaringType == typeof(torch.autograd));
}
