using Spn.Models;
using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training;

/// <summary>
/// Gives a trained model more maps or an additional scale. The wider model produces the same results as the trained one, up to rounding:
/// its new maps start with random weights, and their consumers with weights of zero. Continuing the training from there is faster than
/// starting from random weights.
/// </summary>
public static class ModelWidening
{
    private const int Directions = 4, Neighbours = 3;

    /// <summary>Creates the wider model.</summary>
    /// <param name="model">The trained model, which is not changed.</param>
    /// <param name="configuration">
    /// The model's configuration with a larger <see cref="SpnConfiguration.GuidanceWidth"/>, <see cref="SpnConfiguration.MaskWidth"/> or
    /// <see cref="SpnConfiguration.Scales"/>.
    /// </param>
    /// <returns>
    /// A new model on the same device, ready for inference; the caller owns it. Its random weights come from libtorch's generator, which
    /// torch.manual_seed seeds.
    /// </returns>
    /// <exception cref="ArgumentException">
    /// The configuration differs in other properties, or a width or the number of scales is smaller, or the model is not a compact residual
    /// one.
    /// </exception>
    public static SpnModule Widen(SpnModule model, SpnConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(configuration);
        SpnConfiguration from = model.Configuration;
        if (from is not { Guidance: GuidanceKind.Compact, Propagation: PropagationKind.Residual })
            throw new ArgumentException(
                $"The model is {from.Guidance} and {from.Propagation}; expected Compact and Residual.", nameof(model));
        if (configuration with { GuidanceWidth = from.GuidanceWidth, MaskWidth = from.MaskWidth, Scales = from.Scales } != from
            || configuration.GuidanceWidth < from.GuidanceWidth || configuration.MaskWidth < from.MaskWidth
            || configuration.Scales < from.Scales)
        {
            throw new ArgumentException(
                $"The configuration is {configuration}; expected widths of {from.GuidanceWidth} and {from.MaskWidth} or more, " +
                $"{from.Scales} scales or more, and otherwise {from}.",
                nameof(configuration));
        }

        var wide = new SpnModule(configuration);
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> trained = model.state_dict();
        // The weights of an additional scale keep their initial values.
        foreach ((string name, Tensor target) in wide.state_dict().Where(entry => trained.ContainsKey(entry.Key)))
        {
            int rows = (int)trained[name].shape.FirstOrDefault(), wideRows = (int)target.shape.FirstOrDefault();
            Copy(trained[name], target, RowBlocks(name, rows, wideRows, from, configuration));
        }
        wide.eval();
        return wide.to(model.parameters().First().device);
    }

    /// <summary>
    /// Blocks of rows that stay together, in the trained and in the wide weights. The guidance network's 1x1 convolution produces gates,
    /// the features before the propagation, and those after it. Its convolution over 2x2 pixels produces gates, features, and the input of
    /// the next scale. The first convolution over the mask produces the mask's maps, then its encoding. All other weights form one block.
    /// </summary>
    private static (int From, int To, int Count)[]? RowBlocks(string name, int rows, int wideRows, SpnConfiguration from, SpnConfiguration to)
    {
        int gates = Directions * Neighbours * (from.Groups ?? from.Channels); // the same in both
        int before = rows - 2 * from.MaskWidth, wideBefore = wideRows - 2 * to.MaskWidth;
        int quarter = gates + 2 * from.MaskWidth, wideQuarter = gates + 2 * to.MaskWidth;
        return name switch
        {
            "guidance.head.weight" or "guidance.head.bias" =>
            [
                (0, 0, before),
                (before, wideBefore, from.MaskWidth),
                (before + from.MaskWidth, wideBefore + to.MaskWidth, from.MaskWidth),
            ],
            "propagation.quarter.weight" or "propagation.quarter.bias" => [(0, 0, quarter), (quarter, wideQuarter, rows - quarter)],
            "propagation.look.weight" or "propagation.look.bias" => [(0, 0, from.MaskWidth), (from.MaskWidth, to.MaskWidth, from.Channels)],
            _ => null,
        };
    }

    private static void Copy(Tensor trained, Tensor target, (int From, int To, int Count)[]? blocks)
    {
        if (trained.dim() == 0)
        {
            target.copy_(trained);
            return;
        }
        foreach ((int from, int to, int count) in blocks ?? [(0, 0, (int)trained.shape[0])])
        {
            Tensor rows = target.narrow(0, to, count), source = trained.narrow(0, from, count);
            if (trained.dim() > 1)
            {
                rows.zero_(); // inputs from new maps start with weights of zero
                rows = rows.narrow(1, 0, trained.shape[1]);
            }
            rows.copy_(source);
        }
    }
}
