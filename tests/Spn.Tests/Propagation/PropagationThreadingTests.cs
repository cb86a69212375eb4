using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Propagation;

/// <summary>The same bits for any number of threads, from any number of callers.</summary>
public sealed class PropagationThreadingTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 1)]
    [InlineData(6, 3)]
    [InlineData(4, 4)]
    public void The_number_of_threads_does_not_change_a_bit(int channels, int groups)
    {
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        foreach (ScanDirections directions in new[] { ScanDirections.All, ScanDirections.All & ~ScanDirections.LeftToRight, ScanDirections.TopToBottom | ScanDirections.BottomToTop })
        {
            var inputs = new PropagationCase(1, channels, 150, 170, groups, new PropagationOptions { Merge = merge, Directions = directions });
            (float[][] one, _) = Run(inputs, 1);
            foreach (int threads in new[] { 2, 3, 4, 7, 16 })
            {
                (float[][] many, _) = Run(inputs, threads);
                Assert.All(one.Zip(many), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second), $"{threads} threads, {inputs}"));
            }
        }
    }

    [Fact]
    public async Task Callers_do_not_disturb_each_other()
    {
        PropagationCase[] cases = [.. Enumerable.Range(1, 6).Select(i => new PropagationCase(1, i, 40 + 13 * i, 90, 1, new PropagationOptions(), seed: i))];
        float[][][] expected = [.. cases.Select(inputs => Run(inputs, 1).Results)];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(() =>
        {
            for (int i = 0; i < 30; i++)
            {
                int at = (caller + i) % cases.Length;
                Assert.All(expected[at].Zip(Run(cases[at], 1 + i % 4).Results), pair => Assert.Equal(pair.First, pair.Second));
            }
        })));
    }

    [Fact]
    public void The_kernels_allocate_nothing_managed()
    {
        var inputs = new PropagationCase(1, 4, 200, 220, 1, new PropagationOptions());
        (_, long few) = Run(inputs, 1, calls: 20);
        (_, long manyThreads) = Run(inputs, 2, calls: 20);
        // The tensor path's handles, and nothing that grows with the map: a row alone is 880 bytes.
        Assert.InRange(few, 0, 4000);
        Assert.InRange(manyThreads, 0, 4000);
    }

    /// <summary>Output and gradients, and the managed bytes a call allocated.</summary>
    private static (float[][] Results, long BytesPerCall) Run(PropagationCase inputs, int threads, int calls = 0)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, torch.ScalarType.Float32);
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, torch.ScalarType.Float32);
        PropagationOptions options = inputs.Options with { MaxThreads = threads };
        long allocated = 0;
        for (int i = 0; i < calls; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            SpatialPropagation.Propagate(x, guidance, options).Dispose();
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        torch.Tensor inference = SpatialPropagation.Propagate(x, guidance, options);
        x.requires_grad_();
        guidance.requires_grad_();
        torch.Tensor output = SpatialPropagation.Propagate(x, guidance, options);
        output.backward([PropagationCase.Tensor(inputs.GradOutput, inputs.OutputShape, torch.ScalarType.Float32)]);
        return ([Values(inference), Values(output.detach()), Values(x.grad!), Values(guidance.grad!)], allocated);
    }

    private static float[] Values(torch.Tensor tensor) => tensor.data<float>().ToArray();
}
