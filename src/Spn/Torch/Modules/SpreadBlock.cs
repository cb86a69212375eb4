using Spn.Models;
using Spn.Propagation;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// Propagates maps over the image: a 1x1 convolution to hidden maps, propagation in four directions without a merge, and a 1x1 convolution
/// that mixes the directions. The input is added, and a ReLU follows. Parameter names: <c>hidden</c>, <c>mix</c>.
/// </summary>
internal sealed class SpreadBlock : nn.Module
{
    private readonly SpnConfiguration _configuration;
    [ComponentName(Name = "hidden")] private readonly Conv2d _hidden;
    [ComponentName(Name = "mix")] private readonly Conv2d _mix;

    /// <param name="configuration">Supplies the normalisation, and whether to propagate at all.</param>
    /// <param name="width">The number of input and output maps.</param>
    /// <param name="channels">The number of hidden maps.</param>
    public SpreadBlock(SpnConfiguration configuration, long width, long channels)
        : base(nameof(SpreadBlock))
    {
        _configuration = configuration;
        _hidden = nn.Conv2d(width, channels, 1);
        _mix = nn.Conv2d(4 * channels, width, 1);
        RegisterComponents();
    }

    /// <param name="maps"><c>[N·K, width, h, w]</c>.</param>
    /// <param name="gates">Raw guidance of the N images <c>[N, 12·G, h, w]</c>.</param>
    /// <param name="encoded">Added to the hidden maps <c>[N·K, channels, h, w]</c>; <see langword="null"/> for nothing.</param>
    /// <param name="features">Of the image, added before the ReLU, <c>[N, width, h, w]</c>; <see langword="null"/> for nothing.</param>
    /// <returns><c>[N·K, width, h, w]</c>.</returns>
    public Tensor Spread(Tensor maps, Tensor gates, Tensor? encoded = null, Tensor? features = null)
    {
        using Tensor spread = Propagate(maps, gates, encoded);
        Tensor mixed = _mix.forward(spread).add_(maps, Scalars.One);
        if (features is not null)
            MapSums.AddToEach(mixed, features);
        return mixed.relu_();
    }

    private Tensor Propagate(Tensor maps, Tensor gates, Tensor? encoded)
    {
        using Tensor hidden = _hidden.forward(maps);
        if (encoded is not null)
            hidden.add_(encoded, Scalars.One);
        return _configuration.WithoutPropagation
            ? hidden.repeat(1, 4, 1, 1)
            : SharedGates.Propagate(hidden, gates, hidden.shape[0] / gates.shape[0], _configuration.PropagationOptions);
    }
}
