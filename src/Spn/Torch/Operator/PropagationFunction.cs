using Spn.Propagation;
using TorchSharp;

namespace Spn.Torch;

/// <summary>
/// One round as an autograd function. It must be called inside a dispose scope, so that no tensor of the forward pass is left to the
/// finalizer.
/// </summary>
internal sealed class PropagationFunction : torch.autograd.SingleTensorFunction<PropagationFunction>
{
    private const string CallKey = "call";

    // The native side copies the returned gradients after the callback has ended. Until then, only this field protects them from the
    // finalizer. The next pass on this thread disposes them. For CUDA tensors that is a backward pass, because libtorch runs those on a
    // thread of its own.
    [ThreadStatic]
    private static torch.Tensor?[]? s_returned;

    public override string Name => nameof(PropagationFunction);

    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, guidance, inputGate, call) = (
            (torch.Tensor)vars[0], (torch.Tensor)vars[1], (torch.Tensor?)vars[2], (PropagationCall)vars[3]);
        DisposeReturned();
        ctx.set_materialize_grads(false);
        ctx.save_data(CallKey, call);

        torch.Tensor hidden = torch.empty(call.HiddenShape, x.dtype, x.device);
        if (call.Merge == DirectionMerge.None)
        {
            call.Backend.Forward(call, x, guidance, inputGate, output: null, hidden, winners: null);
            // Saved as a detached tensor: a saved output would keep its own graph alive.
            ctx.save_for_backward([x, guidance, inputGate!, hidden.detach(), null!]);
            return hidden;
        }

        torch.Tensor output = torch.empty(call.XShape, x.dtype, x.device);
        torch.Tensor? winners = call.Merge == DirectionMerge.Max ? torch.empty(call.XShape, torch.ScalarType.Byte, x.device) : null;
        call.Backend.Forward(call, x, guidance, inputGate, output, hidden, winners);
        ctx.save_for_backward([x, guidance, inputGate!, hidden, winners!]);
        return output;
    }

    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        torch.Tensor?[] gradients;
        try
        {
            DisposeReturned();
            gradients = Backward(ctx, grad_output);
        }
        catch (Exception e)
        {
            BackwardError.Last = e;
            gradients = BackwardFailure.Gradients(
                (PropagationCall)ctx.get_data(CallKey), grad_output is { IsInvalid: false } ? grad_output.device : torch.CPU);
        }

        s_returned = gradients;
        return [gradients[0]!, gradients[1]!, gradients[2]!, null!];
    }

    private static void DisposeReturned()
    {
        foreach (torch.Tensor? old in s_returned ?? [])
            old?.Dispose();
        s_returned = null;
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
        var state = new ForwardState(variables[0], variables[1], variables[2], variables[3], variables[4]);
        torch.Tensor Gradient(long[] shape) => torch.empty(shape, state.X.dtype, state.X.device);
        torch.Tensor gradX = Gradient(call.XShape);
        torch.Tensor gradGuidance = Gradient(call.GuidanceShape);
        torch.Tensor? gradInputGate = call.InputGateShape is { } shape ? Gradient(shape) : null;
        call.Backend.Backward(call, state, gradOutput.to(state.X.dtype), gradX, gradGuidance, gradInputGate);
        return [gradX.MoveToOuterDisposeScope(), gradGuidance.MoveToOuterDisposeScope(), gradInputGate?.MoveToOuterDisposeScope()];
    }
}
