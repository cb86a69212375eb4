using Spn.Inference;
using Spn.Models;
using Spn.Weights;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// The networks of an <see cref="SpnModel"/> as a TorchSharp module: for training, and for tensors on any device. It is trained like any
/// other module.
/// </summary>
/// <remarks>
/// <see cref="Guide"/> and <see cref="Propagate"/> are thread-safe, training is not. Names in its files:
/// <c>guidance.*</c> (<see cref="GuidanceNetwork"/> or <see cref="Vgg16GuidanceNetwork"/>) and <c>propagation.*</c>
/// (<see cref="PropagationModule"/> or <see cref="ResidualPropagationModule"/>); the metadata holds the configuration.
/// </remarks>
public sealed class SpnModule : nn.Module<Tensor, Tensor, Tensor>
{
    private const int Cell = InferenceModel.Cell;

    [ComponentName(Name = "guidance")] private readonly nn.Module<Tensor, Tensor> _guidance;
    [ComponentName(Name = "propagation")] private readonly nn.Module<Tensor, Tensor, Tensor> _propagation;

    /// <summary>Creates an untrained module in training mode, which leaves masks nearly as they are.</summary>
    /// <param name="configuration">The form of the networks; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The configuration is not valid.</exception>
    public SpnModule(SpnConfiguration? configuration = null)
        : base(nameof(SpnModule))
    {
        Configuration = configuration ?? new SpnConfiguration();
        Configuration.Validate();
        _guidance = Configuration.Guidance switch
        {
            GuidanceKind.Vgg16 => new Vgg16GuidanceNetwork(Configuration),
            _ => new GuidanceNetwork(Configuration),
        };
        _propagation = Configuration.Propagation switch
        {
            PropagationKind.Residual => new ResidualPropagationModule(Configuration),
            _ => new PropagationModule(Configuration),
        };
        RegisterComponents();
        this.to(ScalarType.Float32); // regardless of torch's default type
    }

    /// <summary>The form of the networks.</summary>
    public SpnConfiguration Configuration { get; }

    /// <summary>The guidance network: a <see cref="GuidanceNetwork"/> or a <see cref="Vgg16GuidanceNetwork"/>.</summary>
    public nn.Module<Tensor, Tensor> Network => _guidance;

    /// <summary>Loads a model to train it further, or to run it on tensors. It is in evaluation mode.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote, or Python with the same names and metadata.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, does not describe a model, or its tensors do not fit the description.
    /// </exception>
    public static SpnModule Load(string path) => From(SpnModel.Load(path));

    /// <summary>A module with the configuration and a copy of the weights of a model, in evaluation mode, on the CPU.</summary>
    /// <param name="model">For example <see cref="SpnModel.Fast"/>.</param>
    /// <exception cref="DllNotFoundException">TorchSharp's native libraries are missing; the message names the package to add.</exception>
    public static SpnModule From(SpnModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        NativeLibraries.EnsureLoaded();
        using SafetensorsFile file = model.OpenWeights();
        var module = new SpnModule(model.Configuration);
        try
        {
            module.LoadWeights(file);
            module.eval();
            return module;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    /// <summary>A model with a copy of the weights as they are now, for refiners.</summary>
    /// <exception cref="InvalidOperationException">The module is not float32.</exception>
    public SpnModel ToModel()
    {
        ScalarType type = _guidance.parameters().First().dtype;
        if (type != ScalarType.Float32)
            throw new InvalidOperationException($"The module's weights are {type}, expected Float32: use to(ScalarType.Float32).");
        using MemoryStream file = new();
        SafetensorsWriter.Write(file, state_dict(), Configuration.ToMetadata());
        return SpnModel.FromFile(file.ToArray(), nameof(SpnModule));
    }

    /// <summary>Writes weights and configuration.</summary>
    /// <param name="path">The safetensors file. An existing file is replaced only when the new one is complete.</param>
    public void Save(string path) => this.SaveWeights(path, Configuration.ToMetadata());

    /// <summary>Image and masks to refined masks, for training: differentiable, and log-odds for a loss that is stable on them.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1.</param>
    /// <returns>Log-odds <c>[N, K, H, W]</c>; their sigmoid is the probability.</returns>
    public override Tensor forward(Tensor image, Tensor masks)
    {
        using Tensor gates = _guidance.forward(image);
        Tensor refined = _propagation.forward(gates, masks);
        GC.KeepAlive(image);
        GC.KeepAlive(masks);
        return refined;
    }

    /// <summary>The guidance pass, on the module's device.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1.</param>
    /// <returns>
    /// <c>[N, maps, ⌈H/2⌉, ⌈W/2⌉]</c>, float32; of a <see cref="SpnConfiguration.Mirrored"/> model both views, <c>[2·N, …]</c>, whose width
    /// is that of a multiple of 32. The caller disposes it.
    /// </returns>
    /// <exception cref="ArgumentException">The image has another shape or type, or is on another device than the module.</exception>
    /// <exception cref="InvalidOperationException">The module is in training mode; call <c>eval()</c> first.</exception>
    public Tensor Guide(Tensor image)
    {
        RequireInference();
        GuidanceHead.RequireImage(image);
        if (image.device_type != Device.type || image.device_index != Device.index)
        {
            throw new ArgumentException(
                $"The image is on {image.device}, the module on {Device}; move one of them with to().", nameof(image));
        }
        using var noGrad = no_grad();
        using Tensor? both = Configuration.Mirrored ? WithMirrorImage(image) : null;
        Tensor guidance = _guidance.forward(both ?? image);
        GC.KeepAlive(image);
        return guidance;
    }

    /// <summary>The propagation pass, on the module's device.</summary>
    /// <param name="guidance">The result of <see cref="Guide"/>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32, K independent masks in 0..1 at the image's size.</param>
    /// <returns><c>[N, K, H, W]</c>, float32 in 0..1. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">The masks have another shape or type, or the guidance does not fit.</exception>
    /// <exception cref="InvalidOperationException">The module is in training mode; call <c>eval()</c> first.</exception>
    public Tensor Propagate(Tensor guidance, Tensor masks)
    {
        RequireInference();
        ArgumentNullException.ThrowIfNull(guidance);
        SharedGates.RequireMasks(masks);
        using var noGrad = no_grad();
        Tensor refined = Configuration.Mirrored ? PropagateBoth(guidance, masks) : _propagation.forward(guidance, masks).sigmoid_();
        GC.KeepAlive(guidance);
        GC.KeepAlive(masks);
        return refined;
    }

    /// <summary>Processes the views one after the other, so that only the maps of one are in memory.</summary>
    private Tensor PropagateBoth(Tensor guidance, Tensor masks)
    {
        long n = masks.shape[0];
        if (guidance.dim() != 4 || guidance.shape[0] != 2 * n)
        {
            string shape = string.Join(", ", guidance.shape);
            throw new ArgumentException($"The guidance is [{shape}], expected both views of {n} images: [{2 * n}, …].", nameof(guidance));
        }
        using Tensor both = WithMirrorImage(masks), straight = PropagateView(0), mirrored = PropagateView(1), back = mirrored.flip(3);
        using Tensor mean = straight.add_(back, Scalars.One).mul_(Scalars.Half);
        return ImagePadding.Crop(mean, masks.shape[2], masks.shape[3]);

        Tensor PropagateView(int view)
        {
            using Tensor gates = guidance.narrow(0, view * n, n), seen = both.narrow(0, view * n, n);
            return _propagation.forward(gates, seen).sigmoid_();
        }
    }

    /// <summary>
    /// <c>[N, C, H, W]</c> to <c>[2·N, C, H, …]</c>: the maps, then their mirror images. They are padded to whole cells of the
    /// networks first, so that cells cover the same pixels in a mirrored tile as in the whole mirrored image.
    /// </summary>
    private static Tensor WithMirrorImage(Tensor maps)
    {
        using Tensor padded = ImagePadding.ToMultiples(maps, 1, Cell), mirrored = padded.flip(3);
        return cat([padded, mirrored], 0);
    }

    internal Device Device => _guidance.parameters().First().device;

    private void RequireInference()
    {
        if (training)
            throw new InvalidOperationException("The module is in training mode; call eval() before inference.");
    }
}
