using System.CommandLine;
using Spn.Models;
using Spn.Torch;
using Spn.Training;

namespace Spn.Train.Commands;

/// <summary>The options that say which model is trained: a new one, or one from a file.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string?> _from = new("--from")
    {
        Description = "Start from this model in place of random weights. A larger --width, --mask-width or --scales widens it.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _width = Number.Whole("--width", "Maps of the guidance network. Default: 16.");
    private readonly Option<int?> _maskWidth = Number.Whole("--mask-width", "Maps of the mask's networks. Default: 16.");
    private readonly Option<int?> _scales = Number.Whole(
        "--scales", "Scales of the mask's propagation: 2 for 1/2 and 1/4 of the image's size, 3 to add 1/8. Default: 2.");

    private readonly Option<int?> _channels = Number.Whole("--channels", "Hidden maps. Default: 8.");
    private readonly Option<bool> _withoutPropagation = new("--without-propagation")
    {
        Description = "Train without the propagation, for comparison.",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _from, _width, _maskWidth, _scales, _channels, _withoutPropagation })
            command.Options.Add(option);
    }

    /// <summary>The model at the beginning of the training.</summary>
    public SpnModule Start(ParseResult line)
    {
        if (line.GetValue(_from) is not { } file)
            return new SpnModule(Apply(line, SpnConfiguration.Fast));
        SpnModule from = SpnModule.Load(file);
        SpnConfiguration wanted = Apply(line, from.Configuration);
        if (wanted == from.Configuration)
            return from;
        using (from)
            return ModelWidening.Widen(from, wanted);
    }

    private SpnConfiguration Apply(ParseResult line, SpnConfiguration configuration) => configuration with
    {
        GuidanceWidth = line.GetValue(_width) ?? configuration.GuidanceWidth,
        MaskWidth = line.GetValue(_maskWidth) ?? configuration.MaskWidth,
        Scales = line.GetValue(_scales) ?? configuration.Scales,
        Channels = line.GetValue(_channels) ?? configuration.Channels,
        WithoutPropagation = line.GetValue(_withoutPropagation) || configuration.WithoutPropagation,
    };
}
