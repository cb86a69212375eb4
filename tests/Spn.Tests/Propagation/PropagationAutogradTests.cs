using System.Runtime.InteropServices;
using Spn.Diagnostics;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Propagation;

/// <summary>What users do with a differentiable operation, and what they should not: the process lives, and the answer is right or an exception.</summary>
[Collection(nameof(LastBackwardError))]
public sealed class PropagationAutogradTests
{
    public static TheoryData<DirectionMerge> Merges => [.. Enum.GetValues<DirectionMerge>()];

    [Theory]
    [MemberData(nameof(Merges))]
    public void A_retained_graph_gives_the_same_gradients_again(DirectionMerge merge)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1), guidance = Random(12);
        torch.Tensor loss = SpatialPropagation.Propagate(x, guidance, new() { Merge = merge }).square().sum();
        loss.backward(retain_graph: true);
        torch.Tensor once = guidance.grad!.clone();
        loss.backward();
        Assert.NotEqual(0, once.abs().sum().item<float>());
        Assert.True(guidance.grad!.allclose(once + once, 0, 0));
    }

    [Fact]
    public void Only_tensors_that_require_a_gradient_get_one()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1), guidance = Random(12);
        SpatialPropagation.Propagate(x, guidance).square().sum().backward();

        torch.Tensor fixedX = x.detach(), fixedGuidance = guidance.detach();
        torch.Tensor alone = guidance.detach().clone().requires_grad_();
        SpatialPropagation.Propagate(fixedX, alone).square().sum().backward();
        Assert.True(alone.grad!.allclose(guidance.grad!, 0, 0));
        torch.Tensor aloneX = x.detach().clone().requires_grad_();
        SpatialPropagation.Propagate(aloneX, fixedGuidance).square().sum().backward();
        Assert.True(aloneX.grad!.allclose(x.grad!, 0, 0));
        Assert.Null(fixedX.grad);
        Assert.Null(fixedGuidance.grad);
        Assert.False(SpatialPropagation.Propagate(fixedX, fixedGuidance).requires_grad);
        using (torch.no_grad())
            Assert.False(SpatialPropagation.Propagate(x, guidance).requires_grad);
    }

    [Fact]
    public void Gradients_reach_the_bases_of_views()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor whole = Seeded.Rand(1, [2, 3, 20, 22]).requires_grad_();
        torch.Tensor guidance = Seeded.Randn(2, [2, 12, 20, 22]);
        SpatialPropagation.Propagate(whole.narrow(1, 1, 1), guidance).square().sum().backward();
        torch.Tensor part = whole.detach().narrow(1, 1, 1).clone().requires_grad_();
        SpatialPropagation.Propagate(part, guidance).square().sum().backward();
        Assert.True(whole.grad!.narrow(1, 1, 1).allclose(part.grad!, 0, 0));
        Assert.Equal(0, whole.grad!.narrow(1, 0, 1).abs().sum().item<float>());
    }

    [Theory]
    [MemberData(nameof(Merges))]
    public void An_input_changed_before_backward_is_an_error_not_a_wrong_gradient(DirectionMerge merge)
    {
        using var scope = torch.NewDisposeScope();
        var options = new PropagationOptions { Merge = merge };
        torch.Tensor x = Random(1), guidance = Seeded.Rand(3, [1, 12, 20, 22]);
        torch.Tensor output = SpatialPropagation.Propagate(x, guidance, options);
        guidance.add_(torch.tensor(1f));
        Assert.ThrowsAny<Exception>(() => output.sum().backward());
        Assert.Contains("inplace", SpnDiagnostics.LastBackwardError?.Message, StringComparison.Ordinal);

        torch.Tensor inner = x * x;
        output = SpatialPropagation.Propagate(inner, guidance, options);
        inner.add_(torch.tensor(1f));
        Assert.ThrowsAny<Exception>(() => output.sum().backward());
        Assert.True(x.grad is null);
        SpatialPropagation.Propagate(x, guidance, options).sum().backward();
        Assert.True(x.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Inference_mode_computes_the_same_and_its_tensors_are_refused_by_a_graph()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1), guidance = Random(12);
        torch.Tensor expected = SpatialPropagation.Propagate(x, guidance);
        torch.Tensor made;
        using (torch.inference_mode())
        {
            Assert.True(SpatialPropagation.Propagate(x, guidance).allclose(expected.detach(), 0, 0));
            made = Seeded.Rand(4, [1, 1, 20, 22]);
        }

        Assert.ThrowsAny<Exception>(() => SpatialPropagation.Propagate(made, guidance));
        expected.sum().backward();
        Assert.True(x.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void A_sparse_gradient_is_an_error()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1);
        torch.Tensor output = SpatialPropagation.Propagate(x, Random(12));
        Assert.ThrowsAny<ExternalException>(() => output.backward([torch.ones(1, 1, 20, 22).to_sparse()]));
    }

    [Fact]
    public void No_gradient_in_is_none_out()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1), guidance = Random(12), other = Random(1);
        torch.Tensor output = SpatialPropagation.Propagate(x, guidance);
        (WithoutGradient.apply(output) + other).sum().backward();
        Assert.Null(x.grad);
        Assert.Null(guidance.grad);
        Assert.NotNull(other.grad);
    }

    [Fact]
    public void One_graph_may_run_backward_on_several_threads()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1), guidance = Random(12);
        torch.Tensor loss = SpatialPropagation.Propagate(x, guidance).square().sum();
        loss.backward(retain_graph: true);
        torch.Tensor once = guidance.grad!.clone();
        Parallel.For(0, 32, _ => loss.backward(retain_graph: true));
        Assert.True(guidance.grad!.allclose(once * torch.tensor(33f), 1e-4, 1e-6));
    }

    [Fact]
    public void A_failed_pass_harms_no_other()
    {
        // autograd.grad reports failure as NaN tensors, which must live until libtorch has taken them over.
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Random(1), guidance = Random(12);
        for (int i = 0; i < 200; i++)
        {
            using var inner = torch.NewDisposeScope();
            torch.Tensor loss = SpatialPropagation.Propagate(x, guidance).sum();
            bool fails = i % 2 == 0;
            torch.Tensor gradient = torch.autograd.grad([loss], [x], create_graph: fails)[0];
            Assert.Equal(fails, gradient.isnan().all().item<bool>());
            // NaN if the runtime has inlined backward() into this method, so that the pass does not see who called it.
            Exception? thrown = Record.Exception(() => SpatialPropagation.Propagate(x, guidance).sum().backward(create_graph: true));
            Assert.True(thrown is not null || x.grad!.isnan().all().item<bool>());
        }
    }

    private static torch.Tensor Random(long channels) => Seeded.Rand(5, [1, channels, 20, 22]).requires_grad_();

    /// <summary>The identity, whose gradient is none at all.</summary>
    private sealed class WithoutGradient : torch.autograd.SingleTensorFunction<WithoutGradient>
    {
        public override string Name => nameof(WithoutGradient);

        public override torch.Tensor forward(torch.autograd.AutogradContext ctx, params object[] vars) => ((torch.Tensor)vars[0]).clone();

        public override List<torch.Tensor> backward(torch.autograd.AutogradContext ctx, torch.Tensor grad_output) => [null!];
    }
}
