using Spn.Propagation;
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
        // The first half fills the allocators' and the compiler's own pools; the second must add nothing.
        const int calls = 20_000;
        long half = 0;
        for (int i = 0; i < calls; i++)
        {
            if (i == calls / 2)
                half = ProcessMemory.Resident();
            ForwardAndBackward(i);
        }

        long grown = ProcessMemory.Resident() - half;
        // A leak of one 16 KB map a call would be 160 MB.
        Assert.True(grown < 20L << 20, $"{grown >> 20} MB more after {calls / 2} calls");
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
