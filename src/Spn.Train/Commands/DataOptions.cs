using System.CommandLine;
using Spn.Cli.Commands;
using Spn.Training;

namespace Spn.Train.Commands;

/// <summary>The options that say what a model learns from: photos with their true masks, and procedural scenes.</summary>
internal sealed class DataOptions
{
    private readonly Option<string?> _photos = new("--photos")
    {
        Description = "A folder of photos NAME.jpg (or .png) with their true masks NAME_gt.png, optionally NAME_void.png (255 where the truth "
            + "is unknown) and sequences.csv (id, sequence, split). Not needed with --scenes 1.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _voc = new("--voc")
    {
        Description = "In place of --photos: Pascal VOC as published, for example VOCdevkit/VOC2012.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _helen = new("--helen")
    {
        Description = "In place of --photos: Helen's parsed faces as published, SmithCVPR2013_dataset_resized.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _split = new("--split")
    {
        Description = "Use only this split: of sequences.csv (default all), of VOC (default train), or of Helen (default exemplars).",
        HelpName = "NAME",
    };

    private readonly Option<string?> _validation = new("--validation")
    {
        Description = "Photos for the validation, in the same layout. Default: the same folder.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _validationSplit = new("--validation-split")
    {
        Description = "The split of the validation's photos. Default: all, of VOC val, of Helen tuning.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _realMasks = new("--real-masks")
    {
        Description = "A folder with coarse masks that real networks made of the photos, NAME__NETWORK.png.",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _networks = new("--networks")
    {
        Description = "Use only the masks of these networks. Default: all.",
        HelpName = "A,B",
    };

    private readonly Option<double> _realShare = Number.Real(
        "--real-share", 0.5, "The fraction of the inexact coarse masks that are real ones, 0..1, for photos that have any.");

    private readonly Option<double> _scenes = Number.Real(
        "--scenes", 0.5, "The fraction of the training images that are procedural scenes, 0..1. With 1 no photos are needed.");

    private readonly Option<double> _pasted = Number.Real(
        "--pasted", 0, "The fraction of the other images in which objects are pasted into other photos, 0..1.");

    private readonly Option<int> _scenePool = Number.Whole(
        "--scene-pool", 4096, "The number of different scenes. Each is made once and kept in memory, 0.26 MB per scene.");

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _photos, _voc, _helen, _split, _validation, _validationSplit, _realMasks, _networks, _realShare, _scenes, _pasted, _scenePool,
        ];
        foreach (Option option in options)
            command.Options.Add(option);
    }

    /// <summary>See <see cref="TrainingOptions.RealMaskShare"/>.</summary>
    public double RealShare(ParseResult line) => line.GetValue(_realShare);

    /// <exception cref="UsageException">There are no photos, or too many layouts of them.</exception>
    public void Check(ParseResult line)
    {
        int layouts = new[] { _photos, _voc, _helen }.Count(option => line.GetValue(option) is not null);
        if (layouts > 1)
            throw new UsageException("Only one of --photos, --voc and --helen can be given.");
        if (layouts == 0 && line.GetValue(_scenes) < 1)
            throw new UsageException("Expected photos: --photos, --voc or --helen FOLDER, or --scenes 1 to train without photos.");
    }

    /// <summary>Opens the images.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="seed">Chooses scenes and pasted objects.</param>
    /// <returns>The images for the training and for the validation (none without photos), and the number of photos.</returns>
    public (ILabeledImages Training, ILabeledImages? Validation, int Photos) Open(ParseResult line, ulong seed)
    {
        ILabeledImages scenes = new CachedImages(new SceneGenerator(seed), line.GetValue(_scenePool));
        string? folder = line.GetValue(_photos) ?? line.GetValue(_voc) ?? line.GetValue(_helen);
        if (folder is null)
            return (scenes, null, 0);
        string? split = line.GetValue(_split), validationSplit = line.GetValue(_validationSplit);
        string validationFolder = line.GetValue(_validation) ?? folder;
        (ILabeledImages photos, int count) = Photos(line, folder, split, "train", "exemplars", line.GetValue(_realMasks));
        (ILabeledImages validation, _) = Photos(line, validationFolder, validationSplit, "val", "tuning");
        if (line.GetValue(_photos) is not null && validationFolder == folder && validationSplit == split)
            Console.WriteLine("There are no separate validation photos: IoU and mBA are those of training photos.");
        float share = 1 - (float)line.GetValue(_scenes), pasted = (float)line.GetValue(_pasted);
        return (
            new MixedImages((photos, share * (1 - pasted)), (new PastedObjects(photos, seed), share * pasted), (scenes, 1 - share)),
            validation, count);
    }

    // A plain folder has few photos, which stay in memory; the photos of a dataset are read every time.
    private (ILabeledImages Images, int Count) Photos(
        ParseResult line, string folder, string? split, string vocSplit, string helenSplit, string? realMasks = null)
    {
        if (line.GetValue(_voc) is not null)
        {
            VocFolder voc = new(folder, split ?? vocSplit);
            return (voc, voc.Count);
        }
        if (line.GetValue(_helen) is not null)
        {
            HelenFolder helen = new(folder, split ?? helenSplit);
            return (helen, helen.Count);
        }
        ImageFolder photos = new(folder, split, realMasks, line.GetValue(_networks)?.Split(','));
        return (new CachedImages(photos, photos.Count), photos.Count);
    }
}
