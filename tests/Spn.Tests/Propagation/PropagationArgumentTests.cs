using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Propagation;

/// <summary>Invalid arguments are rejected with their value and the expected one.</summary>
[Collection(nameof(LastBackwardError))]
public sealed class PropagationArgumentTests
{
    [Fact]
    public void Shapes_types_and_options_that_do_not_fit_are_named()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(1, [2, 4, 6, 8]), guidance = Seeded.Rand(2, [2, 12, 6, 8]);
        Refused("x", "[4, 6, 8]", () => SpatialPropagation.Propagate(Seeded.Rand(3, [4, 6, 8]), guidance));
        Refused("x", "every size at least 1", () => SpatialPropagation.Propagate(Seeded.Rand(4, [2, 4, 0, 8]), guidance));
        Refused("x", "at most 1073741824", () => SpatialPropagation.Propagate(torch.zeros(1).expand(1 << 16, 1 << 15, 1, 1), guidance));
        Refused("x", "at most 1073741824", () => SpatialPropagation.Propagate(torch.zeros(1).expand(1, 1, 1, int.MaxValue), guidance));
        Refused("x", "Float32, Float64, Float16 or BFloat16", () => SpatialPropagation.Propagate(torch.ones(2, 4, 6, 8, torch.ScalarType.Int32), guidance));
        Refused("guidance", "[2, 12·G, 6, 8]", () => SpatialPropagation.Propagate(x, Seeded.Rand(5, [2, 12, 8, 6])));
        Refused("guidance", "has 11 maps", () => SpatialPropagation.Propagate(x, Seeded.Rand(6, [2, 11, 6, 8])));
        Refused("guidance", "has 36 maps", () => SpatialPropagation.Propagate(x, Seeded.Rand(7, [2, 36, 6, 8])));
        Refused("guidance", "Float64", () => SpatialPropagation.Propagate(x, guidance.to(torch.ScalarType.Float64)));
        Refused("inputGate", "[2, 4, 6, 8]", () => SpatialPropagation.Propagate(x, guidance, null, Seeded.Rand(8, [2, 1, 6, 8])));
        Refused("options", "Rounds is 0", () => SpatialPropagation.Propagate(x, guidance, new() { Rounds = 0 }));
        Refused("options", "Rounds is 2", () => SpatialPropagation.Propagate(x, guidance, new() { Rounds = 2, Merge = DirectionMerge.None }));
        Refused("options", "inputGate", () => SpatialPropagation.Propagate(x, guidance, new() { Normalization = GateNormalization.NormalizedSigmoid }));
        Refused("options", "MaxThreads is 0", () => SpatialPropagation.Propagate(x, guidance, new() { MaxThreads = 0 }));
        Refused("options", "Directions", () => SpatialPropagation.Propagate(x, guidance, new() { Directions = 0 }));
        Refused("options", "Connection", () => SpatialPropagation.Propagate(x, guidance, new() { Connection = (GateConnection)2 }));
        Assert.Throws<ArgumentNullException>("x", () => SpatialPropagation.Propagate(null!, guidance));
        Assert.Throws<ArgumentNullException>("guidance", () => SpatialPropagation.Propagate(x, null!));
        torch.Tensor gone = Seeded.Rand(9, [2, 12, 6, 8]);
        gone.Dispose();
        Assert.Throws<ObjectDisposedException>(() => SpatialPropagation.Propagate(x, gone));
        Assert.Equal(x.shape, SpatialPropagation.Propagate(x, guidance).shape);
    }

    [Fact]
    public void Double_backward_is_refused_and_the_process_lives()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(10, [1, 1, 6, 8]).requires_grad_();
        torch.Tensor loss = SpatialPropagation.Propagate(x, Seeded.Rand(11, [1, 12, 6, 8])).square().sum();
        Assert.ThrowsAny<Exception>(() => loss.backward(create_graph: true));

        // An exception out of autograd.grad would end the process: TorchSharp does not catch it there.
        torch.Tensor other = SpatialPropagation.Propagate(x, Seeded.Rand(12, [1, 12, 6, 8])).square().sum();
        Assert.True(torch.autograd.grad([other], [x], create_graph: true)[0].isnan().all().item<bool>());
        Assert.Contains("create_graph", Spn.Diagnostics.SpnDiagnostics.LastBackwardError?.Message, StringComparison.Ordinal);
        torch.Tensor again = SpatialPropagation.Propagate(x, Seeded.Rand(13, [1, 12, 6, 8])).sum();
        again.backward();
        Assert.True(x.grad!.isfinite().all().item<bool>());
    }

    private static void Refused(string argument, string message, Action call)
    {
        var error = Assert.Throws<ArgumentException>(argument, call);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
