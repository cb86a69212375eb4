using Spn.Models;
using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training;

/// <summary>Writes a trained model for use, with an adjusted keep gate and with weights in half the space.</summary>
public static class ModelRelease
{
    private const string KeepBias = "propagation.decode.bias"; // the new log-odds of 2x2 pixels, then their keep gates
    private const int Pixels = 4;

    /// <summary>Writes the file. The model is not changed.</summary>
    /// <param name="model">The trained model.</param>
    /// <param name="path">
    /// The safetensors file. An existing file is replaced only when the new one is complete. The weights of convolutions are stored as
    /// float16.
    /// </param>
    /// <param name="keep">
    /// Log-odds to add to the share of the coarse mask that a <see cref="PropagationKind.Residual"/> model keeps at every pixel. With
    /// values above 0, good masks change less, at a small cost for bad ones. Default: 0.
    /// </param>
    /// <param name="mirrored">Whether inference averages over the image and its mirror image. Default: <see langword="false"/>.</param>
    /// <param name="about">
    /// Additional strings for the file's metadata, such as a name and a licence; <see langword="null"/> (default) for none.
    /// </param>
    /// <exception cref="ArgumentException">
    /// <paramref name="keep"/> is not a finite number, or not 0 for a model without keep gates; or a weight is out of float16's range.
    /// </exception>
    public static void Write(
        SpnModule model, string path, double keep = 0, bool mirrored = false, IReadOnlyDictionary<string, string>? about = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!double.IsFinite(keep) || (keep != 0 && model.Configuration.Propagation != PropagationKind.Residual))
        {
            throw new ArgumentException(
                $"keep is {keep}; expected a finite number, and 0 for {model.Configuration.Propagation} propagation.", nameof(keep));
        }

        using DisposeScope scope = NewDisposeScope();
        using var noGrad = no_grad();
        Dictionary<string, Tensor> weights = model.state_dict().ToDictionary(w => w.Key, w => Stored(w.Key, w.Value));
        if (keep != 0)
        {
            Tensor bias = weights[KeepBias] = weights[KeepBias].clone();
            bias.narrow(0, Pixels, Pixels).add_(tensor((float)keep, device: bias.device), Scalars.One);
        }
        Dictionary<string, string> metadata = (model.Configuration with { Mirrored = mirrored }).ToMetadata();
        foreach ((string key, string value) in about ?? new Dictionary<string, string>())
            metadata.Add(key, value);
        SafetensorsWriter.Write(path, weights, metadata);
    }

    private static Tensor Stored(string name, Tensor weights)
    {
        if (weights.dtype != ScalarType.Float32 || weights.dim() < 2)
            return weights;
        Tensor half = weights.to(ScalarType.Float16);
        return half.isfinite().all().item<bool>()
            ? half
            : throw new ArgumentException($"The weights '{name}' are out of float16's range.", nameof(weights));
    }
}
