using Spn.Inference;
using Spn.Native;
using Spn.Propagation;
using Spn.Simd;
using Spn.Weights;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// A learned refiner (SPN, Liu et al., NIPS 2017): a guidance network that looks at the image once, and a propagation module that refines
/// any number of its masks. A TorchSharp module, so it trains like any other; loaded from a file it is ready for inference.
/// </summary>
/// <remarks>
/// Inference (<see cref="Guide"/>, <see cref="Propagate"/>) is safe from several threads at once, training is not. Names in its files:
/// <c>guidance.*</c> (<see cref="GuidanceNetwork"/> or <see cref="Vgg16GuidanceNetwork"/>) and <c>propagation.*</c>
/// (<see cref="PropagationModule"/> or <see cref="ResidualPropagationModule"/>); the metadata holds the configuration.
/// </remarks>
public sealed class SpnModel : nn.Module<Tensor, Tensor, Tensor>, ITiledGuidance
{
    private const int Cell = InferenceModel.Cell;

    private readonly Lock _engineLock = new();
    private InferenceModel? _engine;
    [ComponentName(Name = "guidance")] private readonly nn.Module<Tensor, Tensor> _guidance;
    [ComponentName(Name = "propagation")] private readonly nn.Module<Tensor, Tensor, Tensor> _propagation;

    /// <summary>Makes an untrained model in training mode, which leaves masks nearly as they are.</summary>
    /// <param name="configuration">What it is made of; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The configuration makes no model.</exception>
    public SpnModel(SpnConfiguration? configuration = null)
        : base(nameof(SpnModel))
    {
        Configuration = configuration ?? new SpnConfiguration();
        Configuration.Validate();
        FreedMemory.Keep();
        _guidance = Configuration.Guidance switch
        {
            GuidanceKind.Vgg16 => new Vgg16GuidanceNetwork(Configuration) { EncoderLoaded = DropEngine },
            _ => new GuidanceNetwork(Configuration),
        };
        _propagation = Configuration.Propagation switch
        {
            PropagationKind.Residual => new ResidualPropagationModule(Configuration),
            _ => new PropagationModule(Configuration),
        };
        RegisterComponents();
        this.to(ScalarType.Float32); // whatever torch's default is: inference reads weights as float32
    }

    /// <summary>The model that refiners use by default: trained, small, for interactive use on a CPU.</summary>
    public static BuiltInModel Fast { get; } = new(nameof(Fast));

    /// <summary>
    /// A model of the same kind with twice as many maps, which spread at one size more, and the mean over an image and its mirror image:
    /// somewhat better boundaries for three to six times the time.
    /// </summary>
    public static BuiltInModel Quality { get; } = new(nameof(Quality));

    /// <summary>What the model is made of.</summary>
    public SpnConfiguration Configuration { get; }

    /// <summary>The guidance network: a <see cref="GuidanceNetwork"/> or a <see cref="Vgg16GuidanceNetwork"/>.</summary>
    public nn.Module<Tensor, Tensor> Network => _guidance;

    /// <summary>Loads a model, ready for inference.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote, or Python with the same names and metadata.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is broken, describes no model, or its tensors do not fit what it
    /// describes.</exception>
    public static SpnModel Load(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return Load(file);
    }

    internal static SpnModel Load(SafetensorsFile file)
    {
        SpnConfiguration configuration;
        try
        {
            configuration = SpnConfiguration.FromMetadata(file.Metadata);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{file.Path}' holds no model: {e.Message}.", e);
        }

        var model = new SpnModel(configuration);
        try
        {
            model.LoadWeights(file);
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes weights and configuration.</summary>
    /// <param name="path">The safetensors file; an existing one is replaced, and only once the new one is complete.</param>
    public void Save(string path) => this.SaveWeights(path, Configuration.ToMetadata());

    /// <inheritdoc/>
    /// <remarks>
    /// Inference on the CPU reads a packed copy of the weights, made at first use; this call drops it. After changing weights in place by
    /// other means, call <c>eval()</c>.
    /// </remarks>
    public override (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
        Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
    {
        var result = base.load_state_dict(source, strict, skip);
        train(training);
        return result;
    }

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

    /// <inheritdoc/>
    /// <remarks>
    /// Of a <see cref="SpnConfiguration.Mirrored"/> model it holds both views, <c>[2·N, …]</c>, its width padded to a multiple of 32.
    /// </remarks>
    /// <exception cref="ArgumentException">The image is no float image, or on another device than the model.</exception>
    /// <exception cref="InvalidOperationException">The model is in training mode; call <c>eval()</c> first.</exception>
    public Tensor Guide(Tensor image)
    {
        RequireInference();
        GuidanceHead.RequireImage(image);
        if (image.device_type != Device.type || image.device_index != Device.index)
            throw new ArgumentException($"The image is on {image.device}, the model on {Device}; move one of them with to().",
                nameof(image));
        using var noGrad = no_grad();
        Tensor guidance;
        if (image.device_type == DeviceType.CPU)
        {
            guidance = GuideOnCpu(image);
        }
        else
        {
            using Tensor? both = Configuration.Mirrored ? WithMirrorImage(image) : null;
            guidance = _guidance.forward(both ?? image);
        }
        GC.KeepAlive(image);
        GC.KeepAlive(this);
        return guidance;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The model is in training mode; call <c>eval()</c> first.</exception>
    public Tensor Propagate(Tensor guidance, Tensor masks)
    {
        RequireInference();
        using var noGrad = no_grad();
        ArgumentNullException.ThrowIfNull(guidance);
        ArgumentNullException.ThrowIfNull(masks);
        bool onCpu = Device.type == DeviceType.CPU && guidance.device_type == DeviceType.CPU && masks.device_type == DeviceType.CPU;
        Tensor refined = onCpu ? PropagateOnCpu(guidance, masks)
            : Configuration.Mirrored ? PropagateBoth(guidance, masks)
            : _propagation.forward(guidance, masks).sigmoid_();
        GC.KeepAlive(guidance);
        GC.KeepAlive(masks);
        GC.KeepAlive(this);
        return refined;
    }

    /// <summary>The guidance pass by the CPU engine, image by image.</summary>
    private unsafe Tensor GuideOnCpu(Tensor image)
    {
        InferenceModel engine = Engine();
        int n = (int)image.shape[0], height = (int)image.shape[2], width = (int)image.shape[3], threads = get_num_threads();
        (int maps, int h, int w) = engine.GuidanceShape(height, width);
        using Tensor pixels = image.contiguous();
        Tensor guidance = empty(engine.Views * n, maps, h, w, float32, CPU);
        float* source = (float*)TensorMemory.Pointer(pixels), destination = (float*)TensorMemory.Pointer(guidance);
        LargePages.Advise(destination, (nuint)guidance.numel() * sizeof(float));
        for (int view = 0; view < engine.Views; view++)
        {
            for (int i = 0; i < n; i++, destination += (long)maps * h * w)
                engine.Guide(source + 3L * i * height * width, height, width, view, destination, threads, SimdLevels.Best);
        }
        return guidance;
    }

    /// <summary>The propagation pass by the CPU engine, image by image.</summary>
    private unsafe Tensor PropagateOnCpu(Tensor guidance, Tensor masks)
    {
        SharedGates.RequireMasks(masks);
        InferenceModel engine = Engine();
        int n = (int)masks.shape[0], k = (int)masks.shape[1], height = (int)masks.shape[2], width = (int)masks.shape[3],
            threads = get_num_threads();
        (int maps, int h, int w) = engine.GuidanceShape(height, width);
        SharedGates.RequireGuidance(guidance, masks, [engine.Views * n, maps, h, w]);
        using Tensor coarse = masks.contiguous(), gates = guidance.contiguous();
        Tensor refined = empty_like(coarse);
        float* source = (float*)TensorMemory.Pointer(coarse), destination = (float*)TensorMemory.Pointer(refined);
        float* straight = (float*)TensorMemory.Pointer(gates), mirrored = straight + (engine.Views - 1L) * n * maps * h * w;
        long masksSize = (long)k * height * width, guidanceSize = (long)maps * h * w;
        for (int i = 0; i < n; i++)
        {
            engine.Propagate(
                straight + i * guidanceSize, mirrored + i * guidanceSize, source + i * masksSize, k, height, width,
                destination + i * masksSize, threads, SimdLevels.Best);
        }
        return refined;
    }

    /// <summary>The weights as they are now, packed for the CPU engine.</summary>
    /// <exception cref="InvalidOperationException">The model is not float32.</exception>
    private InferenceModel Engine()
    {
        lock (_engineLock)
        {
            if (_engine is not null)
                return _engine;
            ScalarType type = _guidance.parameters().First().dtype;
            if (type != ScalarType.Float32)
                throw new InvalidOperationException($"The model's weights are {type}, expected Float32: use to(ScalarType.Float32).");
            return _engine = new InferenceModel(ModuleTensors.Of(this), Configuration);
        }
    }

    private void DropEngine()
    {
        lock (_engineLock)
            _engine = null;
    }

    /// <inheritdoc/>
    public override void train(bool train = true)
    {
        base.train(train);
        DropEngine();
    }

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        base._toEpilog(dtype, device!, non_blocking);
        DropEngine();
    }

    /// <summary>One view after the other, so that only one view's maps are in memory.</summary>
    private Tensor PropagateBoth(Tensor guidance, Tensor masks)
    {
        SharedGates.RequireMasks(masks);
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
    /// <c>[N, C, H, W]</c> to <c>[2·N, C, H, …]</c>: the maps, then the maps with left and right exchanged. First they grow to whole cells
    /// of the networks, so that those lie on the same pixels in a mirrored tile as in the whole mirrored image.
    /// </summary>
    private static Tensor WithMirrorImage(Tensor maps)
    {
        using Tensor padded = ImagePadding.ToMultiples(maps, 1, Cell), mirrored = padded.flip(3);
        return cat([padded, mirrored], 0);
    }

    /// <inheritdoc/>
    /// <remarks>The model itself: nothing in it is decided by the whole image.</remarks>
    public IGuidance ForPartsOf(Tensor image) => this;

    /// <inheritdoc/>
    /// <remarks>
    /// Its networks look at most 190 pixels far, the propagation as far as its gates let a mask travel; what comes from farther than this
    /// changed two grey levels of 255 at most on the photo of the tests, and three where that is enlarged further.
    /// </remarks>
    public int Margin(int width, int height) => 448;

    internal Device Device => _guidance.parameters().First().device;

    /// <summary>A model of one's own with the same weights, ready for inference there.</summary>
    internal SpnModel CopyTo(Device device)
    {
        var copy = new SpnModel(Configuration);
        copy.load_state_dict(state_dict());
        copy.eval();
        return copy.to(device);
    }

    private void RequireInference()
    {
        if (training)
            throw new InvalidOperationException("The model is in training mode; call eval() before inference.");
    }
}
