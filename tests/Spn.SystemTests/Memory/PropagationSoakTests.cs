using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.SystemTests.Memory;

/// <summary>Long runs: memory stays flat, and a garbage collection at any moment harms nothing.</summary>
[Collection(nameof(Alone))]
public sealed class PropagationSoakTests
{
    [Fact]
    public void Twenty_thousand_forward_and_backward_calls_keep_memory_flat()
    {
        // The first calls fill the allocators' and the compiler's own pools; the others must add nothing.
        Run(10_000);
        // A leak of one 16 KB map per call would be 160 MB.
        const long limit = 20 << 20;
        long grown = ProcessMemory.Growth(limit, () => Run(10_000));
        Assert.True(grown < limit, $"{grown >> 20} MB more after 10,000 calls");

        static void Run(int calls)
        {
            for (int i = 0; i < calls; i++)
                ForwardAndBackward(i);
        }
    }

    [Fact]
    public void Garbage_collected_on_another_thread_at_any_time_does_no_harm()
    {
        using var collector = new RestlessCollector();
        float expected = ForwardAndBackward(1, same: true);
        for (int i = 0; i < 500; i++)
            Assert.Equal(expected, ForwardAndBackward(i, same: true));
    }

    private static float ForwardAndBackward(int i, bool same = false)
    {
        // Every other call without a scope, as user code may be: then only the operator's own care and the finaliser clean up.
        using DisposeScope? scope = same || i % 2 == 0 ? torch.NewDisposeScope() : null;
        using torch.Tensor x = Seeded.Rand(1, [1, 1, 64, 64]).requires_grad_();
        using torch.Tensor guidance = Seeded.Rand(2, [1, 12, 64, 64]).requires_grad_();
        var options = new PropagationOptions { Merge = same ? DirectionMerge.Max : (DirectionMerge)(i % 3), MaxThreads = 1 + i % 2 };
        using torch.Tensor output = SpatialPropagation.Propagate(x, guidance, options);
        using torch.Tensor loss = output.sum();
        loss.backward();
        using torch.Tensor gradient = guidance.grad!;
        using torch.Tensor xGradient = x.grad!;
        using torch.Tensor sum = gradient.sum();
        return sum.item<float>() + loss.item<float>();
    }
}
