using Spn.Diagnostics;
using TorchSharp;

namespace Spn.Propagation;

/// <summary>
/// One round as an autograd function. Called inside a dispose scope, so that nothing of the forward pass is left to the finaliser.
/// </summary>
internal sealed class PropagationFunction : torch.autograd.SingleTensorFunction<PropagationFunction>
{
    private const string CallKey = "call";

    // The native side copies returned gradients after the callback has ended; until then only this keeps the finaliser away. The next
    // callback of the thread disposes them.
    [ThreadStatic]
    private static torch.Tensor?[]? s_returned;

    public override string Name => nameof(PropagationFunction);

    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, guidance, xGate, call) = ((torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor?)vars[2], (PropagationCall)vars[3]);
        ctx.set_materialize_grads(false);
        ctx.save_data(CallKey, call);

        torch.Tensor hidden = torch.empty(call.HiddenShape, x.dtype, x.device);
        if (call.Merge == DirectionMerge.None)
        {
            call.Backend.Forward(call, x, guidance, xGate, output: null, hidden, winners: null);
            // Saved under another name than the output: a saved output would hold its own graph alive.
            ctx.save_for_backward([x, guidance, xGate!, hidden.detach(), null!]);
            return hidden;
        }

        torch.Tensor output = torch.empty(call.XShape, x.dtype, x.device);
        torch.Tensor? winners = call.Merge == DirectionMerge.Max ? torch.empty(call.XShape, torch.ScalarType.Byte, x.device) : null;
        call.Backend.Forward(call, x, guidance, xGate, output, hidden, winners);
        ctx.save_for_backward([x, guidance, xGate!, hidden, winners!]);
        return output;
    }

    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        torch.Tensor?[] gradients;
        try
        {
            foreach (torch.Tensor? old in s_returned ?? [])
                old?.Dispose();
            gradients = Backward(ctx, grad_output);
        }
        catch (Exception e)
        {
            SpnDiagnostics.LastBackwardError = e;
            gradients = BackwardFailure.Gradients((PropagationCall)ctx.get_data(CallKey), grad_output is { IsInvalid: false } ? grad_output.device : torch.CPU);
        }

        s_returned = gradients;
        return [gradients[0]!, gradients[1]!, gradients[2]!, null!];
    }

    private static torch.Tensor?[] Backward(torch.autograd.AutogradContext ctx, torch.Tensor gradOutput)
    {
        if (torch.is_grad_enabled())
            throw new NotSupportedException("Spatial propagation is differentiable once: backward(create_graph: true) is not supported.");
        if (gradOutput is null || gradOutput.IsInvalid)
            return [null, null, null];

        using DisposeScope scope = torch.NewDisposeScope();
        scope.Attach(gradOutput);
        var call = (PropagationCall)ctx.get_data(CallKey);
        List<torch.Tensor> variables = ctx.get_saved_variables();
        var saved = new SavedRound(variables[0], variables[1], variables[2], variables[3], variables[4]);
        torch.Tensor Gradient(long[] shape) => torch.empty(shape, saved.X.dtype, saved.X.device);
        torch.Tensor gradX = Gradient(call.XShape);
        torch.Tensor gradGuidance = Gradient(call.GuidanceShape);
        torch.Tensor? gradXGate = call.XGateShape is { } shape ? Gradient(shape) : null;
        call.Backend.Backward(call, saved, gradOutput.to(saved.X.dtype), gradX, gradGuidance, gradXGate);
        return [gradX.MoveToOuterDisposeScope(), gradGuidance.MoveToOuterDisposeScope(), gradXGate?.MoveToOuterDisposeScope()];
    }
}
