using Spn.Inference;
using Spn.Models;
using Spn.Shared;
using Spn.Weights;

namespace Spn;

/// <summary>
/// A trained model (SPN, Liu et al., NIPS 2017): a guidance network that looks at the image once, and a propagation module that refines any
/// number of its masks. It consists of a configuration and weights, which never change. Runs on the CPU without native libraries; for
/// training, and for tensors, <see cref="Torch.SpnModule"/> is made from it.
/// </summary>
/// <remarks>Immutable and thread-safe. There is nothing to dispose.</remarks>
public sealed class SpnModel : ITiledMethod, ILocalMethod, IMemoryEstimate
{
    // The networks look at most 190 pixels far, the propagation as far as its gates let a mask travel. After the coarse pass, what comes from
    // farther than this changed 7 grey levels of 255 at most on an enlarged photo, and one pixel in 80,000 changed sides.
    private const int TileMargin = 256;
    private const long TrainingPixels = 420_000; // 854 x 480 has 410,000

    // Of √(width·height), and at least twice the width over which changes fade out. From 1/16 to 3/16 the figures on masks of real networks
    // are the same as for the whole image.
    private const double CorrectionReach = 36.0 / 512;
    private const int MinCorrectionReach = 32;

    private readonly Lazy<(InferenceModel Engine, byte[] File)> _content;
    private readonly int? _maxThreads;

    private SpnModel(string name, Lazy<(InferenceModel, byte[])> content, int? maxThreads = null)
        => (Name, _content, _maxThreads) = (name, content, maxThreads);

    /// <summary>The default model: trained, and small enough for interactive use on a CPU. Loaded on first use.</summary>
    public static SpnModel Fast { get; } = BuiltIn(nameof(Fast));

    /// <summary>
    /// A larger trained model, which refines the image and its mirror image: more exact boundaries for three to six times the time. Loaded
    /// on first use.
    /// </summary>
    public static SpnModel Quality { get; } = BuiltIn(nameof(Quality));

    /// <summary><c>Fast</c>, <c>Quality</c>, the path of the file, or <c>SpnModule</c> if it was made from one.</summary>
    public string Name { get; }

    /// <summary>The form of the networks.</summary>
    public SpnConfiguration Configuration => Engine.Configuration;

    long? IRefinementMethod.TrainedPixels => TrainingPixels;

    private InferenceModel Engine => _content.Value.Engine;

    private int Threads => _maxThreads ?? Environment.ProcessorCount;

    /// <summary>Loads a model from a file.</summary>
    /// <param name="path">
    /// A safetensors file that <see cref="Save"/> or the trainer wrote, or Python with the same names and metadata.
    /// </param>
    /// <exception cref="ArgumentException">The path is null or empty.</exception>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, does not describe a model, or its tensors do not fit the description.
    /// </exception>
    public static SpnModel Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using (SafetensorsFile.Open(path))
        {
            // refuses a file that is no model before all of it is read
        }
        return FromFile(File.ReadAllBytes(path), path);
    }

    /// <summary>Writes weights and configuration.</summary>
    /// <param name="path">The safetensors file. An existing file is replaced only when the new one is complete.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] file = _content.Value.File;
        AtomicFile.Write(path, stream => stream.Write(file));
    }

    /// <inheritdoc/>
    public IGuidance Guide(ReadOnlySpan<float> image, int width, int height)
    {
        MethodCheck.Image(image, width, height);
        return new ModelGuidance(Engine, image, width, height, Threads);
    }

    /// <summary>The same model, which uses at most so many threads per call. Results do not depend on it.</summary>
    /// <param name="threads">1 or more. By default a call uses all processors.</param>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public SpnModel WithMaxThreads(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return new SpnModel(Name, _content, Math.Min(threads, _maxThreads ?? threads));
    }

    IRefinementMethod IRefinementMethod.WithMaxThreads(int threads) => WithMaxThreads(threads);

    /// <inheritdoc/>
    /// <remarks>The model itself: nothing in it depends on the whole image.</remarks>
    IRefinementMethod ITiledMethod.ForTilesOf(ReadOnlySpan<float> image, int width, int height) => this;

    int ILocalMethod.Reach(int width, int height)
        => Math.Max(MinCorrectionReach, (int)(CorrectionReach * Math.Sqrt(Math.Min((long)width * height, TrainingPixels))));

    int ITiledMethod.Margin(int width, int height) => TileMargin;

    long IMemoryEstimate.RequiredBytes(int width, int height, int masks) => ModelGuidance.Bytes(Engine, width, height, masks);

    /// <summary>The model in the content of a safetensors file.</summary>
    /// <exception cref="InvalidDataException">It does not describe a model, or its tensors do not fit.</exception>
    internal static SpnModel FromFile(byte[] file, string name)
        => new(name, new Lazy<(InferenceModel, byte[])>((Read(file, name), file)));

    /// <summary>The model's file for reading.</summary>
    internal SafetensorsFile OpenWeights() => SafetensorsFile.FromBytes(_content.Value.File, Name);

    private static SpnModel BuiltIn(string name) => new(name, new Lazy<(InferenceModel, byte[])>(() =>
    {
        string resource = $"{name.ToLowerInvariant()}.safetensors";
        using Stream stream = typeof(SpnModel).Assembly.GetManifestResourceStream(resource)!;
        byte[] file = new byte[stream.Length];
        stream.ReadExactly(file);
        return (Read(file, resource), file);
    }, LazyThreadSafetyMode.PublicationOnly)); // a failure, such as too little memory, is not kept

    private static InferenceModel Read(byte[] content, string name)
    {
        using SafetensorsFile file = SafetensorsFile.FromBytes(content, name);
        return InferenceModel.Load(file);
    }
}
