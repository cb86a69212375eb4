using System.CommandLine;
using Spn.Torch;
using Spn.Training;

namespace Spn.Train.Commands;

/// <summary>The options that write a trained model for use, in place of training one.</summary>
internal sealed class ReleaseOptions
{
    private readonly Option<string?> _release = new("--release")
    {
        Description = "Do not train: write this trained model for use, with weights in half the space.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _mix = new("--mix")
    {
        Description = "With --release: mix the weights with those of the model at which the training began.",
        HelpName = "FILE",
    };

    private readonly Option<double> _share = Number.Real("--share", 0.5, "With --mix: the share of the trained model, 0..1.");
    private readonly Option<double> _keep = Number.Real(
        "--keep", 0, "With --release: log-odds to add to the kept share of the coarse mask. Above 0, good masks change less.");

    private readonly Option<bool> _mirrored = new("--mirrored")
    {
        Description = "With --release: the model refines an image and its mirror image, and takes the mean.",
    };

    private readonly Option<string?> _name = new("--name")
    {
        Description = "With --release: the model's name, for the metadata of the file.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _licence = new("--licence")
    {
        Description = "With --release: the model's licence, for the metadata of the file.",
        HelpName = "TEXT",
    };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { _release, _mix, _share, _keep, _mirrored, _name, _licence })
            command.Options.Add(option);
    }

    public bool IsRelease(ParseResult line) => line.GetValue(_release) is not null;

    /// <summary>Writes the model.</summary>
    public void Write(ParseResult line, string output)
    {
        SpnModule model = SpnModule.Load(line.GetRequiredValue(_release)!);
        if (line.GetValue(_mix) is { } mix)
        {
            using SpnModule before = SpnModule.Load(mix), after = model;
            model = ModelMixing.Mix(before, after, line.GetValue(_share));
        }
        using SpnModule released = model;
        Dictionary<string, string> about = [];
        if (line.GetValue(_name) is { } name)
            about["name"] = name;
        if (line.GetValue(_licence) is { } licence)
            about["licence"] = licence;
        ModelRelease.Write(released, output, line.GetValue(_keep), line.GetValue(_mirrored), about);
    }
}
