using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>
/// How a failure inside an autograd callback reaches the caller. An exception of ours would cross native frames and end the process, so a
/// gradient has to carry the news; <see cref="Diagnostics.SpnDiagnostics.LastBackwardError"/> holds the cause.
/// </summary>
internal static class BackwardFailure
{
    // It fits no input, so libtorch answers it with an exception, which backward() hands to its caller.
    private static readonly torch.Tensor s_misfit = torch.empty(0).DetachFromDisposeScope();

    // autograd.grad of TorchSharp 0.107 does not catch that exception and the process would end; there NaN has to do.
    private static readonly torch.Tensor s_nan = torch.tensor(float.NaN).DetachFromDisposeScope();

    /// <summary>
    /// Gradients that make the running backward pass fail where that is safe, and turn its result into NaN where it is not. New tensors,
    /// which the caller owns.
    /// </summary>
    public static torch.Tensor?[] Gradients(PropagationCall call, torch.Device device)
    {
        if (!CalledByGrad())
            return [s_misfit.alias(), s_misfit.alias(), call.XGateShape is null ? null : s_misfit.alias()];
        using torch.Tensor nan = s_nan.to(device);
        return [nan.expand(call.XShape), nan.expand(call.GuidanceShape), call.XGateShape is null ? null : nan.expand(call.XGateShape)];
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "A frame that cannot be named counts as not found.")]
    private static bool CalledByGrad()
        => new StackTrace().GetFrames().Any(frame => frame.GetMethod() is { Name: nameof(torch.autograd.grad) } method && method.DeclaringType == typeof(torch.autograd));
}
