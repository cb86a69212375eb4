using Spn.Propagation;
using TorchSharp;
using Xunit;

namespace Spn.Testing;

/// <summary>What every backend must pass: forward and backward against the naive reference over all options, types and awkward sizes.</summary>
public abstract class PropagationSuite
{
    private const ScanDirections Columns = ScanDirections.LeftToRight | ScanDirections.RightToLeft;

    private static readonly torch.ScalarType[] s_halves = [torch.ScalarType.Float16, torch.ScalarType.BFloat16];

    public static TheoryData<GateNormalization> Normalizations => [.. Enum.GetValues<GateNormalization>()];

    public static TheoryData<torch.ScalarType> Types => [torch.ScalarType.Float64, torch.ScalarType.Float32, .. s_halves];

    protected abstract torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate);

    /// <summary>Skips where this machine cannot run the backend.</summary>
    protected abstract void RequireBackend();

    /// <summary>Whether this backend takes the n-th case of a long list: slow ones that are tested in several variants share them out.</summary>
    protected virtual bool Takes(int number) => true;

    /// <summary>The longest side of a map that this backend can be asked for in a test.</summary>
    protected virtual int LongestSide => int.MaxValue;

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void Every_option_matches_the_reference(GateNormalization normalization)
    {
        RequireBackend();
        int number = 0;
        foreach (GateConnection connection in Enum.GetValues<GateConnection>())
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        foreach (int groups in new[] { 1, 2, 4 })
        foreach (bool xGate in new[] { false, true })
        for (int directions = 1; directions <= 15; directions++)
        {
            if (!Takes(number++) || (normalization == GateNormalization.NormalizedSigmoid && !xGate))
                continue;
            var options = new PropagationOptions
            {
                Directions = (ScanDirections)directions, Connection = connection, Normalization = normalization, Merge = merge,
            };
            var inputs = new PropagationCase(2, 4, 5, 7, groups, options, xGate, seed: directions);
            Check(inputs, torch.ScalarType.Float64);
            Check(inputs, torch.ScalarType.Float32);
        }
    }

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void Types_of_16_bits_match_the_reference(GateNormalization normalization)
    {
        RequireBackend();
        int number = 0;
        foreach (torch.ScalarType type in s_halves)
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        foreach (int groups in new[] { 1, 3 })
        foreach (bool xGate in new[] { false, true })
        foreach (ScanDirections directions in new[] { ScanDirections.All, ScanDirections.BottomToTop, Columns })
        {
            if (!Takes(number++) || (normalization == GateNormalization.NormalizedSigmoid && !xGate))
                continue;
            var options = new PropagationOptions { Directions = directions, Normalization = normalization, Merge = merge };
            Check(new PropagationCase(2, 3, 19, 22, groups, options, xGate, seed: number), type);
        }
    }

    [Theory]
    [InlineData(GateNormalization.Softmax, DirectionMerge.Max)]
    [InlineData(GateNormalization.Clamped, DirectionMerge.Mean)]
    public void Every_tail_matches_the_reference(GateNormalization normalization, DirectionMerge merge)
    {
        RequireBackend();
        var options = new PropagationOptions { Normalization = normalization, Merge = merge };
        for (int size = 1; size <= 67; size++)
        {
            if (!Takes(size))
                continue;
            foreach ((int height, int width) in new[] { (1, size), (size, 1), (3, size), (size, 3), (size, 68 - size) })
            {
                Check(new PropagationCase(1, 1, height, width, 1, options, seed: size), torch.ScalarType.Float32);
                Check(new PropagationCase(1, 2, height, width, 1, options, seed: size), torch.ScalarType.Float64);
                Check(new PropagationCase(1, 1, height, width, 1, options, seed: size), s_halves[size % 2]);
            }
        }
    }

    [Fact]
    public void Larger_maps_match_the_reference()
    {
        RequireBackend();
        foreach (int groups in new[] { 1, 3 })
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        {
            var options = new PropagationOptions { Merge = merge };
            Check(new PropagationCase(2, 3, 61, 83, groups, options), torch.ScalarType.Float32);
            Check(new PropagationCase(1, 3, 130, 37, groups, options), torch.ScalarType.Float64);
            Check(new PropagationCase(1, 3, 75, 49, groups, options), torch.ScalarType.Float16);
        }
    }

    /// <summary>Tall maps, whose columns go in narrower blocks, and maps that are a line.</summary>
    [Theory]
    [InlineData(1700, 53)]
    [InlineData(3300, 21)]
    [InlineData(9000, 1)]
    [InlineData(1, 9000)]
    public void Long_maps_match_the_reference(int height, int width)
    {
        RequireBackend();
        (height, width) = (Math.Min(height, LongestSide), Math.Min(width, LongestSide));
        var options = new PropagationOptions { Directions = ScanDirections.RightToLeft | ScanDirections.TopToBottom };
        Check(new PropagationCase(1, 1, height, width, 1, options), torch.ScalarType.Float32);
        Check(new PropagationCase(1, 1, height, width, 1, options with { Directions = Columns }), torch.ScalarType.Float64);
    }

    [Theory]
    [InlineData(DirectionMerge.Max)]
    [InlineData(DirectionMerge.Mean)]
    public void Rounds_reuse_the_gates(DirectionMerge merge)
    {
        RequireBackend();
        foreach (int rounds in new[] { 2, 3 })
        {
            var options = new PropagationOptions { Merge = merge, Rounds = rounds };
            Check(new PropagationCase(1, 4, 9, 11, 2, options), torch.ScalarType.Float64);
            // In 16 bits the maximum of a middle round may go to another direction than the reference's, and so does its gradient.
            if (merge == DirectionMerge.Mean)
                Check(new PropagationCase(1, 4, 9, 11, 2, options), torch.ScalarType.Float16);
            Check(new PropagationCase(1, 4, 9, 11, 4, options with { Directions = Columns }, withXGate: true), torch.ScalarType.Float64);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Strided_and_broadcast_tensors_match_contiguous_ones(torch.ScalarType type)
    {
        RequireBackend();
        var options = new PropagationOptions { Merge = DirectionMerge.Mean };
        var inputs = new PropagationCase(2, 3, 6, 9, 3, options);
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, type);
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, type);
        torch.Tensor expected = Propagate(x, guidance, options, null);

        // Channels last, transposed, and a slice of something larger.
        torch.Tensor last = x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        torch.Tensor turned = guidance.transpose(2, 3).contiguous().transpose(2, 3);
        Assert.True(expected.allclose(Propagate(last, turned, options, null), 0, 0));
        torch.Tensor larger = torch.full([2, 3, 8, 12], double.NaN, type);
        torch.Tensor slice = larger.slice(2, 1, 7, 1).slice(3, 2, 11, 1);
        slice.copy_(x);
        Assert.True(expected.allclose(Propagate(slice, guidance, options, null), 0, 0));

        // One map for every channel (stride 0) equals the same map repeated.
        torch.Tensor one = x.narrow(1, 0, 1);
        torch.Tensor broadcast = one.expand(2, 3, 6, 9);
        Assert.True(Propagate(one.repeat(1, 3, 1, 1), guidance, options, null).allclose(Propagate(broadcast, guidance, options, null), 0, 0));

        // Every second row and column of something larger.
        torch.Tensor sparse = torch.full([2, 3, 12, 18], double.NaN, type).slice(2, 1, 12, 2).slice(3, 0, 18, 2);
        sparse.copy_(x);
        Assert.True(expected.allclose(Propagate(sparse, guidance, options, null), 0, 0));

        // An expanded gradient (from sum) and a strided one (from a transpose).
        torch.Tensor a = x.clone().requires_grad_(), b = x.clone().requires_grad_(), c = x.clone().requires_grad_();
        Propagate(a, guidance, options, null).backward([torch.ones(2, 3, 6, 9, type)]);
        Propagate(b, guidance, options, null).sum().backward();
        Propagate(c, guidance, options, null).transpose(1, 3).contiguous().sum().backward();
        Assert.True(a.grad!.allclose(b.grad!, 0, 0));
        Assert.True(a.grad!.allclose(c.grad!, 0, 0));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_same_call_gives_the_same_bits(torch.ScalarType type)
    {
        RequireBackend();
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        {
            var inputs = new PropagationCase(2, 6, 37, 45, 2, new PropagationOptions { Merge = merge }, withXGate: true);
            using var scope = torch.NewDisposeScope();
            torch.Tensor[] first = ResultAndGradients(inputs, type), second = ResultAndGradients(inputs, type);
            Assert.All(first.Zip(second), pair => Assert.True(pair.First.allclose(pair.Second, 0, 0)));
        }
    }

    [Fact]
    public void Inputs_and_incoming_gradients_are_left_alone()
    {
        RequireBackend();
        var inputs = new PropagationCase(1, 2, 9, 17, 1, new PropagationOptions(), withXGate: true);
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, torch.ScalarType.Float32).requires_grad_();
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, torch.ScalarType.Float32).requires_grad_();
        torch.Tensor xGate = PropagationCase.Tensor(inputs.XGate!, inputs.XGateShape, torch.ScalarType.Float32).requires_grad_();
        torch.Tensor gradient = PropagationCase.Tensor(inputs.GradOutput, inputs.OutputShape, torch.ScalarType.Float32);
        torch.Tensor[] before = [x.clone(), guidance.clone(), xGate.clone(), gradient.clone()];
        Propagate(x, guidance, inputs.Options, xGate).backward([gradient]);
        torch.Tensor[] after = [x, guidance, xGate, gradient];
        Assert.All(before.Zip(after), pair => Assert.True(pair.First.allclose(pair.Second, 0, 0)));
    }

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void Constants_are_kept_to_the_bit(GateNormalization normalization)
    {
        RequireBackend();
        if (normalization == GateNormalization.NormalizedSigmoid)
            return; // needs the x gate, which has no such property
        foreach (DirectionMerge merge in new[] { DirectionMerge.Max, DirectionMerge.Mean })
        for (int directions = 1; directions <= 15; directions++)
        {
            var options = new PropagationOptions { Normalization = normalization, Merge = merge, Rounds = 2, Directions = (ScanDirections)directions };
            var inputs = new PropagationCase(1, 1, 19, 35, 1, options);
            using var scope = torch.NewDisposeScope();
            torch.Tensor x = torch.full(inputs.XShape, 0.1f, torch.ScalarType.Float32);
            torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, torch.ScalarType.Float32);
            Assert.All(Propagate(x, guidance, options, null).data<float>().ToArray(), h => Assert.Equal(0.1f, h));
        }
    }

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void Guidance_that_is_no_number_shows(GateNormalization normalization)
    {
        RequireBackend();
        foreach (torch.ScalarType type in new[] { torch.ScalarType.Float32, torch.ScalarType.Float64 })
        for (int k = 0; k < 3; k++)
        {
            var options = new PropagationOptions { Normalization = normalization, Directions = ScanDirections.LeftToRight };
            var inputs = new PropagationCase(1, 1, 19, 35, 1, options, withXGate: true);
            using var scope = torch.NewDisposeScope();
            torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, type);
            guidance[0, k, 9, 20] = torch.tensor(double.NaN);
            torch.Tensor h = Propagate(
                PropagationCase.Tensor(inputs.X, inputs.XShape, type), guidance, options, PropagationCase.Tensor(inputs.XGate!, inputs.XGateShape, type));
            Assert.True(h[0, 0, 9, 20].isnan().item<bool>(), $"{type}, gate {k}");
            Assert.True(h.narrow(3, 0, 20).isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void Ties_give_their_gradient_to_the_first_direction()
    {
        RequireBackend();
        var inputs = new PropagationCase(1, 1, 12, 20, 1, new PropagationOptions { Normalization = GateNormalization.None });
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = torch.full(inputs.XShape, 0.3f, torch.ScalarType.Float32).requires_grad_();
        torch.Tensor guidance = torch.full(inputs.GuidanceShape, 0.25f, torch.ScalarType.Float32);
        Propagate(x, guidance, inputs.Options, null).sum().backward();

        torch.Tensor first = torch.full(inputs.XShape, 0.3f, torch.ScalarType.Float32).requires_grad_();
        var onlyFirst = inputs.Options with { Directions = ScanDirections.LeftToRight };
        Propagate(first, guidance.narrow(1, 0, 3), onlyFirst, null).sum().backward();
        Assert.True(x.grad!.allclose(first.grad!, 0, 0));
    }

    private torch.Tensor[] ResultAndGradients(PropagationCase inputs, torch.ScalarType type)
    {
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, type).requires_grad_();
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, type).requires_grad_();
        torch.Tensor xGate = PropagationCase.Tensor(inputs.XGate!, inputs.XGateShape, type).requires_grad_();
        torch.Tensor output = Propagate(x, guidance, inputs.Options, xGate);
        output.backward([PropagationCase.Tensor(inputs.GradOutput, inputs.OutputShape, type)]);
        return [output.detach(), x.grad!, guidance.grad!, xGate.grad!];
    }

    private void Check(PropagationCase inputs, torch.ScalarType type) => AgainstReference.Check(Propagate, inputs, type);
}
