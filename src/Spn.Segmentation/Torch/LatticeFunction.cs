using Spn.Segmentation.Lattice;
using TorchSharp;

namespace Spn.Segmentation.Torch;

/// <summary>K·x on a lattice as an autograd function of x. The gradient is Kᵀ·g; there is none for the points.</summary>
internal sealed class LatticeFunction : torch.autograd.SingleTensorFunction<LatticeFunction>
{
    private const string LatticeKey = "lattice", ThreadsKey = "threads";

    private static readonly torch.Tensor s_nan = torch.tensor(float.NaN).DetachFromDisposeScope();

    // The native side copies the returned gradient after the callback has ended. Until then, only this field protects it from the
    // finalizer.
    [ThreadStatic]
    private static torch.Tensor? s_returned;

    public override string Name => nameof(LatticeFunction);

    /// <param name="ctx">The context.</param>
    /// <param name="vars">x <c>[C, N]</c>, the lattice and the number of threads.</param>
    public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, lattice, threads) = ((torch.Tensor)vars[0], (PermutohedralLattice)vars[1], (int)vars[2]);
        ctx.save_data(LatticeKey, lattice);
        ctx.save_data(ThreadsKey, threads);
        return LatticePlanes.Filter(lattice, x, transposed: false, threads);
    }

    /// <summary>
    /// A managed exception would cross native frames and end the process, so a failure makes the gradient NaN: too little memory, or a graph
    /// of the gradient, which this function does not build.
    /// </summary>
    public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output)
    {
        s_returned?.Dispose();
        try
        {
            using DisposeScope scope = torch.NewDisposeScope();
            scope.Attach(grad_output);
            s_returned = (torch.is_grad_enabled() ? NotANumber(grad_output) : Transposed(ctx, grad_output)).DetachFromDisposeScope();
        }
        catch (OutOfMemoryException)
        {
            s_returned = NotANumber(grad_output).DetachFromDisposeScope();
        }
        return [s_returned, null!, null!];
    }

    private static torch.Tensor Transposed(torch.autograd.AutogradContext ctx, torch.Tensor gradient)
        => LatticePlanes.Filter(
            (PermutohedralLattice)ctx.get_data(LatticeKey), gradient, transposed: true, (int)ctx.get_data(ThreadsKey));

    private static torch.Tensor NotANumber(torch.Tensor gradient) => s_nan.expand(gradient.shape);
}
