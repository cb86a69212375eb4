using Spn.Models;
using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training;

/// <summary>
/// Mixes the weights of a model with those of a model that was trained on from it. A training on new data gains there and loses elsewhere;
/// the mean of both models keeps most of the gain and avoids most of the loss (Wortsman et al., "Robust fine-tuning of zero-shot models",
/// CVPR 2022).
/// </summary>
public static class ModelMixing
{
    /// <summary>Creates the mixed model.</summary>
    /// <param name="model">The model at which the training began. It is not changed.</param>
    /// <param name="trained">The model after the training, with the same configuration. It is not changed.</param>
    /// <param name="share">The share of the trained model in every weight, 0..1. Default: 0.5.</param>
    /// <returns>
    /// A new model on the device of the first one, ready for inference, with the first one's configuration. The caller owns it.
    /// </returns>
    /// <exception cref="ArgumentException">The configurations differ in more than <see cref="SpnConfiguration.Mirrored"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The share is out of range.</exception>
    public static SpnModule Mix(SpnModule model, SpnModule trained, double share = 0.5)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(trained);
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "Expected 0..1.");
        if (trained.Configuration with { Mirrored = model.Configuration.Mirrored } != model.Configuration)
            throw new ArgumentException($"The model is {trained.Configuration}; expected {model.Configuration}.", nameof(trained));

        var mixed = new SpnModule(model.Configuration).to(model.parameters().First().device);
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> first = model.state_dict(), second = trained.state_dict();
        foreach ((string name, Tensor target) in mixed.state_dict())
        {
            target.copy_(first[name]);
            if (target.is_floating_point())
                target.lerp_(second[name].to(target.device), tensor((float)share, device: target.device));
        }
        mixed.eval();
        return mixed;
    }
}
