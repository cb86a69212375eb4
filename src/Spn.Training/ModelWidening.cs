using Spn.Guidance;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training;

/// <summary>
/// Gives a trained model more maps, or maps at one size more. The wider model refines as the trained one does, to rounding: its new maps start at random, and what reads them with
/// weights of zero. Training goes on from there, which is quicker than from the start.
/// </summary>
public static class ModelWidening
{
    private const int Directions = 4, Neighbours = 3;

    /// <summary>Makes the wider model.</summary>
    /// <param name="model">The trained model; it is only read.</param>
    /// <param name="configuration">Its own configuration with larger <see cref="SpnConfiguration.GuidanceWidth"/>, <see cref="SpnConfiguration.MaskWidth"/> or <see cref="SpnConfiguration.Scales"/>.</param>
    /// <returns>A model of its own on the same device, ready for inference. Its random weights come from libtorch's generator: torch.manual_seed decides them.</returns>
    /// <exception cref="ArgumentException">The configuration differs in more than widths and scales, or one is smaller, or the model is no compact residual one.</exception>
    public static SpnModel Widen(SpnModel model, SpnConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(configuration);
        SpnConfiguration from = model.Configuration;
        if (from is not { Guidance: GuidanceKind.Compact, Propagation: PropagationKind.Residual })
            throw new ArgumentException($"The model is {from.Guidance} and {from.Propagation}, expected Compact and Residual.", nameof(model));
        if (configuration with { GuidanceWidth = from.GuidanceWidth, MaskWidth = from.MaskWidth, Scales = from.Scales } != from
            || configuration.GuidanceWidth < from.GuidanceWidth || configuration.MaskWidth < from.MaskWidth || configuration.Scales < from.Scales)
        {
            throw new ArgumentException(
                $"The configuration is {configuration}, expected widths of {from.GuidanceWidth} and {from.MaskWidth} or more, {from.Scales} scales or more and else {from}.", nameof(configuration));
        }

        var wide = new SpnModel(configuration);
        using var noGrad = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> trained = model.state_dict();
        foreach ((string name, Tensor target) in wide.state_dict().Where(entry => trained.ContainsKey(entry.Key))) // what is at another scale starts as in any model
            Copy(trained[name], target, RowBlocks(name, (int)trained[name].shape.FirstOrDefault(), (int)target.shape.FirstOrDefault(), from, configuration));
        wide.eval();
        return wide.to(model.parameters().First().device);
    }

    /// <summary>
    /// Runs of rows that stay together, in the trained and in the wide weights. The guidance network's 1x1 convolution makes gates, then features before the
    /// propagation, then those after it; the one over its 2x2 pixels makes gates and features, then what the next size is made of; the first convolution over the mask makes maps that see it, then
    /// its encoding. Everything else is one run.
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
                rows.zero_(); // what reads a new map does not see it yet
                rows = rows.narrow(1, 0, trained.shape[1]);
            }
            rows.copy_(source);
        }
    }
}
