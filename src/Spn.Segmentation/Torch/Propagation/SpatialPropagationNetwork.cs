using Spn.Models;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// The SPN of the paper (Liu et al., NIPS 2017) on top of a segmentation network: each class is refined as a mask of its own, by the same
/// weights, with gates that all classes of the image share. So it can be trained on one network's classes and applied to any.
/// </summary>
/// <remarks>
/// <para>
/// Three-way, it has the form of an <see cref="SpnModule"/> with <see cref="PropagationKind.Linear"/>: a guidance encoder-decoder, and a
/// mask path of a 4x4 convolution with stride 2, rounds of four scans that a maximum merges, and a transposed convolution. One-way, it is
/// the same network with the connection of the recursive filter (Liu et al., ECCV 2016): of the three guidance maps of each gate triple
/// only the middle one is read.
/// </para>
/// <para>An untrained network nearly returns its input. Not thread-safe while it is trained.</para>
/// </remarks>
public sealed class SpatialPropagationNetwork : nn.Module<Tensor, Tensor, Tensor>
{
    private const long Directions = 4, Gates = 3;

    private readonly SpnConfiguration _configuration;
    private readonly GateConnection _connection;
    [ComponentName(Name = "guidance")] private readonly nn.Module<Tensor, Tensor> _guidance;
    [ComponentName(Name = "propagation")] private readonly PropagationModule _propagation;

    /// <summary>Creates an untrained network.</summary>
    /// <param name="connection">Default <see cref="GateConnection.ThreeWay"/>.</param>
    /// <param name="configuration">
    /// The form of a <see cref="PropagationKind.Linear"/> model; <see langword="null"/> (default) is the paper's Helen model. Its VOC model
    /// has the guidance <see cref="GuidanceKind.Vgg16"/> and 32 channels.
    /// </param>
    /// <exception cref="ArgumentException">The configuration is invalid or not linear.</exception>
    public SpatialPropagationNetwork(GateConnection connection = GateConnection.ThreeWay, SpnConfiguration? configuration = null)
        : base(nameof(SpatialPropagationNetwork))
    {
        _configuration = configuration ?? new SpnConfiguration();
        if (_configuration.Propagation != PropagationKind.Linear)
            throw new ArgumentException($"The propagation is {_configuration.Propagation}, expected Linear.", nameof(configuration));
        _connection = connection;
        _guidance = _configuration.Guidance == GuidanceKind.Vgg16
            ? new Vgg16GuidanceNetwork(_configuration)
            : new GuidanceNetwork(_configuration);
        _propagation = new PropagationModule(_configuration, connection);
        RegisterComponents();
    }

    /// <summary>
    /// Loads the encoder of the guidance <see cref="GuidanceKind.Vgg16"/> from weights with torchvision's names (<c>vgg16</c>), as the paper
    /// does. The classifier is left out.
    /// </summary>
    /// <param name="path">The safetensors file.</param>
    /// <exception cref="InvalidOperationException">The guidance is another network.</exception>
    /// <exception cref="InvalidDataException">The file is broken or does not fit. Nothing was loaded.</exception>
    public void LoadVgg16(string path)
    {
        if (_guidance is not Vgg16GuidanceNetwork network)
            throw new InvalidOperationException($"The guidance is {_configuration.Guidance}, expected {GuidanceKind.Vgg16}.");
        network.LoadEncoder(path);
    }

    /// <summary>Refines the classes of images.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1.</param>
    /// <param name="classes"><c>[N, K, H, W]</c>, float32, class probabilities in 0..1. Any subset of the classes may be given.</param>
    /// <returns>
    /// The log-odds of each class <c>[N, K, H, W]</c>. The most likely class of a pixel is the one with the largest. The caller owns them.
    /// </returns>
    /// <exception cref="ArgumentException">A tensor has another type or shape.</exception>
    public override Tensor forward(Tensor image, Tensor classes)
    {
        using Tensor guidance = _guidance.forward(image), gates = Connected(guidance);
        return _propagation.forward(gates, classes);
    }

    private Tensor Connected(Tensor guidance)
    {
        if (_connection == GateConnection.ThreeWay)
            return guidance.alias();
        (long n, long height, long width) = (guidance.shape[0], guidance.shape[2], guidance.shape[3]);
        using Tensor triples = guidance.view(n, Directions, Gates, -1, height, width), middle = triples.select(2, 1);
        return middle.reshape(n, -1, height, width);
    }
}
