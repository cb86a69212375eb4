using Spn.Models;
using Spn.Propagation;
using Spn.Segmentation.Torch;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Segmentation.Tests.Torch;

public sealed class SpatialPropagationNetworkTests : IDisposable
{
    private static readonly SpnConfiguration s_small = new() { GuidanceWidth = 4, Channels = 4 };

    private readonly ToyScenes _toys = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<GateConnection> Connections => [GateConnection.OneWay, GateConnection.ThreeWay];

    public void Dispose()
    {
        _scope.Dispose();
        _toys.Dispose();
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public void Untrained_it_nearly_keeps_the_classes(GateConnection connection)
    {
        SpatialPropagationNetwork network = Network(connection);
        network.eval();
        Tensor refined = network.forward(_toys.Images.narrow(2, 0, 45), _toys.Coarse.expand(-1, 3, -1, -1).narrow(2, 0, 45));
        Assert.Equal([4, 3, 45, 48], refined.shape);
        Assert.True(network.forward(_toys.Images, _toys.Masks).gt(tensor(0f)).eq(_toys.Masks.gt(tensor(0.5f))).all().item<bool>());
    }

    /// <summary>With both gates to the sides closed, the three-way network is the one-way network.</summary>
    [Fact]
    public void One_way_is_three_way_without_the_sides()
    {
        SpatialPropagationNetwork threeWay = Network(GateConnection.ThreeWay), oneWay = Network(GateConnection.OneWay);
        int gates = s_small.Channels;
        using (no_grad())
        {
            Tensor weight = threeWay.get_parameter("guidance.head.weight")!, bias = threeWay.get_parameter("guidance.head.bias")!;
            for (int map = 0; map < 12 * gates; map++)
            {
                if (map / gates % 3 == 1)
                    continue;
                weight[map].zero_();
                bias[map] = tensor(-60f);
            }
        }
        threeWay.eval();
        oneWay.eval();
        Tensor expected = oneWay.forward(_toys.Images, _toys.Coarse);
        Assert.True(expected.allclose(threeWay.forward(_toys.Images, _toys.Coarse), 1e-4, 1e-4));
        Assert.False(expected.allclose(Network(GateConnection.ThreeWay).forward(_toys.Images, _toys.Coarse), 1e-3, 1e-3));
    }

    [Fact]
    public void Three_way_is_the_librarys_linear_model()
    {
        SpnModule model = Seeded.Model(s_small);
        SpatialPropagationNetwork network = Network(GateConnection.ThreeWay);
        Dictionary<string, Tensor> state = network.state_dict(), others = model.state_dict();
        Assert.Equal(others.Keys.Order(), state.Keys.Order());
        using (no_grad())
        {
            foreach ((string name, Tensor value) in others)
                state[name].copy_(value);
        }
        model.eval();
        network.eval();
        Assert.True(network.forward(_toys.Images, _toys.Coarse).allclose(model.forward(_toys.Images, _toys.Coarse), 1e-5, 1e-5));
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public void Gradients_are_right(GateConnection connection)
    {
        SpatialPropagationNetwork network = Network(connection);
        Overfitting.GradientsAreRight(network, () => Loss(network));
    }

    [Theory]
    [MemberData(nameof(Connections))]
    public void Four_coarse_masks_are_mended(GateConnection connection)
    {
        SpatialPropagationNetwork network = Network(connection);
        List<float> losses = Overfitting.Train(network, 60, 1e-2, () => Loss(network));
        Assert.InRange(losses[^1], 0, losses[0] / 2);
        using IDisposable noGradient = no_grad();
        Assert.InRange(_toys.Iou(network.forward(_toys.Images, _toys.Coarse).sigmoid()), _toys.Iou(_toys.Coarse) + 0.05, 1);
    }

    [Fact]
    public void Another_propagation_is_refused()
        => Assert.Throws<ArgumentException>("configuration", () => new SpatialPropagationNetwork(configuration: SpnConfiguration.Fast));

    private static SpatialPropagationNetwork Network(GateConnection connection)
        => Seeded.Module(1, () => new SpatialPropagationNetwork(connection, s_small));

    private Tensor Loss(SpatialPropagationNetwork network)
        => nn.functional.binary_cross_entropy_with_logits(network.forward(_toys.Images, _toys.Coarse), _toys.Masks);
}
