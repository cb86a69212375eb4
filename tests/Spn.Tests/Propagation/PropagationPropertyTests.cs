using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Propagation;

/// <summary>What the paper and the definition promise of the operator, whatever the implementation.</summary>
public sealed class PropagationPropertyTests
{
    private static readonly ScanDirections[] s_each =
        [ScanDirections.LeftToRight, ScanDirections.RightToLeft, ScanDirections.TopToBottom, ScanDirections.BottomToTop];

    public static TheoryData<GateNormalization> Normalizations => [.. Enum.GetValues<GateNormalization>()];

    /// <summary>Column t is h_t = (I - d_t) x_t + w_t h_{t-1}; unrolled, h = G x. Built as matrices, from the paper's equations alone.</summary>
    [Theory]
    [InlineData(GateConnection.ThreeWay)]
    [InlineData(GateConnection.OneWay)]
    public void The_affinity_matrix_is_lower_block_triangular_with_rows_that_sum_to_one(GateConnection connection)
    {
        const int height = 4, width = 5;
        var options = new PropagationOptions
        {
            Directions = ScanDirections.LeftToRight, Connection = connection, Normalization = GateNormalization.None, Merge = DirectionMerge.Mean,
        };
        var inputs = new PropagationCase(1, 1, height, width, 1, options);
        double Gate(int k, int i, int t)
        {
            int gate = connection == GateConnection.ThreeWay ? k + 1 : 0;
            bool outside = t == 0 || i + k < 0 || i + k >= height || (connection == GateConnection.OneWay && k != 0);
            return outside ? 0 : inputs.Guidance[(gate * height + i) * width + t];
        }

        // affinity[t, s]: how column t depends on column s of x, an n x n block each.
        var affinity = new double[width, width][,];
        for (int t = 0; t < width; t++)
        {
            for (int s = 0; s <= t; s++)
            {
                var block = new double[height, height];
                for (int i = 0; i < height; i++)
                {
                    for (int j = 0; j < height; j++)
                    {
                        if (s == t)
                            block[i, j] = i == j ? 1 - Gate(-1, i, t) - Gate(0, i, t) - Gate(1, i, t) : 0;
                        else
                            block[i, j] = new[] { -1, 0, 1 }.Where(k => i + k >= 0 && i + k < height).Sum(k => Gate(k, i, t) * affinity[t - 1, s][i + k, j]);
                    }
                }

                affinity[t, s] = block;
            }
        }

        for (int t = 0; t < width; t++)
        {
            for (int i = 0; i < height; i++)
                Assert.Equal(1, Enumerable.Range(0, t + 1).Sum(s => Enumerable.Range(0, height).Sum(j => affinity[t, s][i, j])), 12);
        }

        // The operator's own matrix: its response to every unit impulse.
        for (int s = 0; s < width; s++)
        {
            for (int j = 0; j < height; j++)
            {
                var impulse = new double[height * width];
                impulse[j * width + s] = 1;
                double[] response = Run(inputs, impulse, options);
                for (int t = 0; t < width; t++)
                {
                    for (int i = 0; i < height; i++)
                        Assert.Equal(t < s ? 0 : affinity[t, s][i, j], response[i * width + t], 12);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void Gradients_match_finite_differences(GateNormalization normalization)
    {
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        foreach (bool withXGate in new[] { false, true })
        {
            if (normalization == GateNormalization.NormalizedSigmoid && !withXGate)
                continue;
            var options = new PropagationOptions { Normalization = normalization, Merge = merge };
            var inputs = new PropagationCase(1, 2, 4, 5, 1, options, withXGate, seed: 5);
            using var scope = torch.NewDisposeScope();
            torch.Tensor[] tensors = Tensors(inputs, torch.ScalarType.Float64);
            torch.Tensor weights = PropagationCase.Tensor(inputs.GradOutput, inputs.OutputShape, torch.ScalarType.Float64);
            double Loss() => (SpatialPropagation.Propagate(tensors[0], tensors[1], options, tensors.ElementAtOrDefault(2)) * weights).sum().item<double>();
            foreach (torch.Tensor tensor in tensors)
                tensor.requires_grad_();
            (SpatialPropagation.Propagate(tensors[0], tensors[1], options, tensors.ElementAtOrDefault(2)) * weights).sum().backward();

            const double step = 1e-6;
            foreach (torch.Tensor tensor in tensors)
            {
                double[] gradient = tensor.grad!.data<double>().ToArray();
                using var noGrad = torch.no_grad();
                torch.Tensor flat = tensor.view(-1);
                for (int i = 0; i < gradient.Length; i++)
                {
                    double value = flat[i].item<double>();
                    flat[i] = torch.tensor(value + step);
                    double above = Loss();
                    flat[i] = torch.tensor(value - step);
                    double below = Loss();
                    flat[i] = torch.tensor(value);
                    Assert.True(Math.Abs((above - below) / (2 * step) - gradient[i]) < 1e-6 * Math.Max(1, Math.Abs(gradient[i])), $"{inputs} at {i}");
                }
            }
        }
    }

    [Theory]
    [InlineData(GateNormalization.Softmax)]
    [InlineData(GateNormalization.Clamped)]
    [InlineData(GateNormalization.AbsSum)]
    public void Extreme_guidance_stays_within_the_stability_bounds(GateNormalization normalization)
    {
        foreach (double scale in new[] { 1e-30, 1.0, 30, 1e30 })
        {
            var options = new PropagationOptions { Normalization = normalization, Directions = ScanDirections.LeftToRight };
            var inputs = new PropagationCase(1, 1, 16, 40, 1, options);
            double[] guidance = [.. inputs.Guidance.Select(r => (double)(float)(r * scale))];
            using var scope = torch.NewDisposeScope();
            float[] h = SpatialPropagation.Propagate(
                PropagationCase.Tensor(inputs.X, inputs.XShape, torch.ScalarType.Float32),
                PropagationCase.Tensor(guidance, inputs.GuidanceShape, torch.ScalarType.Float32), options).data<float>().ToArray();
            double most = inputs.X.Max(Math.Abs);
            for (int i = 0; i < h.Length; i++)
            {
                // p ≥ 0 keeps h between the extremes of x; signed gates only within (2t + 1)·max|x|.
                double bound = normalization == GateNormalization.Softmax ? most : (2 * (i % 40) + 1) * most;
                Assert.True(Math.Abs(h[i]) <= bound * (1 + 1e-5), $"{normalization} x{scale}: {h[i]} at column {i % 40}, bound {bound}");
            }
        }
    }

    [Fact]
    public void The_bound_of_signed_gates_is_reached()
    {
        // p = -1 on alternating x: h_t = x + (-1)(h_{t-1} - x) = 2x - h_{t-1}.
        const int width = 21;
        using var scope = torch.NewDisposeScope();
        double[] x = [.. Enumerable.Range(0, width).Select(t => t % 2 == 0 ? 1.0 : -1.0)];
        var options = new PropagationOptions { Normalization = GateNormalization.Clamped, Directions = ScanDirections.LeftToRight, Connection = GateConnection.OneWay };
        torch.Tensor h = SpatialPropagation.Propagate(
            PropagationCase.Tensor(x, [1, 1, 1, width], torch.ScalarType.Float64),
            torch.full([1, 1, 1, width], -5.0, torch.ScalarType.Float64), options);
        Assert.Equal(2 * (width - 1) + 1, Math.Abs(h[0, 0, 0, width - 1].item<double>()), 9);
    }

    [Theory]
    [MemberData(nameof(Normalizations))]
    public void Flipping_and_transposing_the_image_permutes_the_directions(GateNormalization normalization)
    {
        using var scope = torch.NewDisposeScope();
        var inputs = new PropagationCase(2, 2, 7, 10, 2, new PropagationOptions { Normalization = normalization }, withXGate: true);
        torch.Tensor[] tensors = Tensors(inputs, torch.ScalarType.Float64);
        torch.Tensor[] per = [.. s_each.Select((direction, d) => One(tensors[0], d, direction, t => t))];

        // Seen in a mirror, right-to-left is left-to-right; seen along the diagonal, rows are columns. Gates across the scan keep their order.
        Assert.True(per[1].allclose(One(tensors[0], 1, ScanDirections.LeftToRight, t => t.flip(-1)).flip(-1), 0, 1e-14));
        Assert.True(per[2].allclose(One(tensors[0], 2, ScanDirections.LeftToRight, t => t.transpose(-1, -2)).transpose(-1, -2), 0, 1e-14));
        Assert.True(per[3].allclose(One(tensors[0], 3, ScanDirections.RightToLeft, t => t.transpose(-1, -2)).transpose(-1, -2), 0, 1e-14));

        // And the merge is the node-wise maximum of the four, in their own places.
        torch.Tensor merged = SpatialPropagation.Propagate(tensors[0], tensors[1], inputs.Options, tensors[2]);
        Assert.True(merged.allclose(torch.stack(per).amax([0]), 0, 0));

        torch.Tensor One(torch.Tensor x, int d, ScanDirections direction, Func<torch.Tensor, torch.Tensor> seen)
            => SpatialPropagation.Propagate(
                seen(x), seen(tensors[1].narrow(1, d * 6, 6)), inputs.Options with { Directions = direction, Merge = DirectionMerge.Mean }, seen(tensors[2].narrow(1, d * 2, 2)));
    }

    [Fact]
    public void Zero_guidance_is_no_division_by_zero()
    {
        using var scope = torch.NewDisposeScope();
        foreach (GateNormalization normalization in Enum.GetValues<GateNormalization>())
        {
            torch.Tensor x = Seeded.Rand(1, [1, 2, 9, 13]).requires_grad_();
            torch.Tensor guidance = torch.zeros(1, 12, 9, 13).requires_grad_();
            torch.Tensor? xGate = normalization == GateNormalization.NormalizedSigmoid ? torch.ones(1, 4, 9, 13) : null;
            torch.Tensor h = SpatialPropagation.Propagate(x, guidance, new PropagationOptions { Normalization = normalization }, xGate);
            h.sum().backward();
            Assert.True(h.isfinite().all().item<bool>());
            Assert.True(x.grad!.isfinite().all().item<bool>());
            Assert.True(guidance.grad!.isfinite().all().item<bool>());
            if (normalization is GateNormalization.None or GateNormalization.Clamped or GateNormalization.AbsSum)
                Assert.True(h.allclose(x, 0, 0), "zero gates leave x as it is");
        }
    }

    [Fact]
    public void Gates_out_of_the_image_get_no_gradient()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(2, [1, 1, 6, 8]);
        torch.Tensor guidance = Seeded.Randn(3, [1, 12, 6, 8]).requires_grad_();
        SpatialPropagation.Propagate(x, guidance, new PropagationOptions { Merge = DirectionMerge.Mean }).square().sum().backward();
        torch.Tensor g = guidance.grad!.view(4, 3, 6, 8);
        Assert.Equal(0, g[0].select(-1, 0).abs().sum().item<float>()); // first column
        Assert.Equal(0, g[1].select(-1, 7).abs().sum().item<float>());
        Assert.Equal(0, g[2].select(-2, 0).abs().sum().item<float>()); // first row
        Assert.Equal(0, g[3].select(-2, 5).abs().sum().item<float>());
        Assert.Equal(0, g[0, 0].select(-2, 0).abs().sum().item<float>()); // k = -1 from the top row
        Assert.Equal(0, g[0, 2].select(-2, 5).abs().sum().item<float>()); // k = +1 from the bottom row
        Assert.NotEqual(0, g[0, 1].abs().sum().item<float>());
    }

    private static double[] Run(PropagationCase inputs, double[] x, PropagationOptions options)
    {
        using var scope = torch.NewDisposeScope();
        return SpatialPropagation.Propagate(
            PropagationCase.Tensor(x, inputs.XShape, torch.ScalarType.Float64),
            PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, torch.ScalarType.Float64), options).data<double>().ToArray();
    }

    private static torch.Tensor[] Tensors(PropagationCase inputs, torch.ScalarType type)
    {
        torch.Tensor x = PropagationCase.Tensor(inputs.X, inputs.XShape, type);
        torch.Tensor guidance = PropagationCase.Tensor(inputs.Guidance, inputs.GuidanceShape, type);
        return inputs.XGate is null ? [x, guidance] : [x, guidance, PropagationCase.Tensor(inputs.XGate, inputs.XGateShape, type)];
    }
}
