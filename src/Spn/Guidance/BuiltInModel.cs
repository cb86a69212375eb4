using Spn.Native;
using Spn.Weights;
using TorchSharp;

namespace Spn.Guidance;

/// <summary>
/// A trained model inside this library: see <see cref="SpnModel.Fast"/>. It is read when first used, once, and every refiner of a device shares it;
/// nobody can change or dispose it. Its model card is in the package's <c>models</c> folder.
/// </summary>
/// <remarks>Safe from several threads at once. There is nothing to dispose.</remarks>
public sealed class BuiltInModel
{
    private readonly Lazy<SharedModel> _shared;

    internal BuiltInModel(string name)
    {
        Name = name;
        _shared = new(() => new SharedModel(Load()), LazyThreadSafetyMode.ExecutionAndPublication);
    }

    /// <summary>Its name, such as <c>Fast</c>.</summary>
    public string Name { get; }

    /// <summary>Loads a copy of one's own on the CPU, ready for inference: to train on, to look at or to save.</summary>
    /// <returns>The caller owns and disposes it.</returns>
    /// <exception cref="DllNotFoundException">TorchSharp's native libraries are missing; the message names the package to add.</exception>
    public SpnModel Load()
    {
        NativeLibraries.EnsureLoaded();
        string resource = $"{Name.ToLowerInvariant()}.safetensors";
        using Stream stream = typeof(BuiltInModel).Assembly.GetManifestResourceStream(resource)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        using SafetensorsFile file = SafetensorsFile.FromBytes(bytes, resource);
        return SpnModel.Load(file);
    }

    /// <summary>The one that all share there.</summary>
    internal IGuidance On(torch.Device device) => _shared.Value.On(device);
}
