using System.Globalization;
using Spn.Models;

namespace Train;

/// <summary>The command-line arguments.</summary>
internal sealed class Arguments
{
    private const string Usage = """
        usage: Train --photos|--voc|--helen FOLDER [--out model.safetensors] [options]
               Train --release trained.safetensors [--out model.safetensors] [--mix FILE] [--share N] [--keep N] [--mirrored]
                     [--name TEXT] [--licence TEXT]

          --photos FOLDER        photos name.jpg with masks name_gt.png, optionally name_void.png
                                 and sequences.csv; not needed with --scenes 1
          --voc FOLDER           instead: Pascal VOC as published, for example VOCdevkit/VOC2012
          --helen FOLDER         instead: Helen's parsed faces as published, SmithCVPR2013_dataset_resized
          --split NAME           use only this split: of sequences.csv, of VOC (default train), or of Helen (default exemplars)
          --validation FOLDER    photos for validation, in the same layout (default: the same folder)
          --validation-split N   split of these photos (default: for VOC val, for Helen tuning)
          --real-masks FOLDER    coarse masks of real networks for the photos, name__network.png
          --networks A,B         use only the masks of these networks (default: all)
          --real-share SHARE     fraction of the inexact coarse masks of such photos that are real ones, 0..1 (default 0.5)
          --scenes SHARE         fraction of the training images that are procedural scenes, 0..1 (default 0.5)
          --pasted SHARE         fraction of the other images in which objects are pasted into other photos, 0..1 (default 0)
          --scene-pool N         number of different scenes, each made once and kept in memory, 0.26 MB per scene (default 4096)
          --from FILE            start from a model instead of random weights; a larger --width, --mask-width or --scales widens it
          --out FILE             the trained model (default artifacts/train/trained.safetensors)
          --run FOLDER           folder for the checkpoint, the log and the loss curve (default artifacts/train)
          --resume               continue from the checkpoint in the run folder; the other options must be the same
          --steps N  --batch N  --masks N  --rate R  --seed N  --threads N  --device cpu|cuda
          --view N               height and width of a training sample in pixels (default 160)
          --width N              maps of the guidance network (default 16)
          --mask-width N         maps of the mask's networks (default 16)
          --scales N             scales of the mask's propagation: 2 for 1/2 and 1/4 of the image size, 3 to add 1/8 (default 2)
          --channels N           hidden maps (default 8)
          --without-propagation  train without the propagation, for comparison

          --release FILE         do not train: write a trained model for use, with weights in half the space
          --mix FILE             mix the weights with those of the model at which the training began
          --share N              share of the trained model in the mix, 0..1 (default 0.5)
          --keep N               log-odds to add to the kept share of the coarse mask; above 0, good masks change less (default 0)
          --mirrored             average the inference over the image and its mirror image
          --name, --licence TEXT strings for the metadata of the file
        """;

    public string Photos { get; private set; } = "";

    /// <summary>The layout of the photos, named by the option that selected it.</summary>
    public string Layout { get; private set; } = "--photos";

    public string? Split { get; private set; }

    public string? Validation { get; private set; }

    public string? ValidationSplit { get; private set; }

    public string? RealMasks { get; private set; }

    public string[]? Networks { get; private set; }

    public double RealShare { get; private set; } = 0.5;

    public float Scenes { get; private set; } = 0.5f;

    public float Pasted { get; private set; }

    public int ScenePool { get; private set; } = 4096;

    public string? From { get; private set; }

    public string Out { get; private set; } = Path.Combine("artifacts", "train", "trained.safetensors");

    public string Run { get; private set; } = Path.Combine("artifacts", "train");

    public bool Resume { get; private set; }

    public int Steps { get; private set; } = 20_000;

    public int Batch { get; private set; } = 8;

    public int Masks { get; private set; } = 2;

    public int View { get; private set; } = 160;

    public double Rate { get; private set; } = 2e-3;

    public int Seed { get; private set; } = 1;

    public int? Threads { get; private set; }

    public string Device { get; private set; } = "cpu";

    public int? Width { get; private set; }

    public int? MaskWidth { get; private set; }

    public int? Scales { get; private set; }

    public int? Channels { get; private set; }

    public bool WithoutPropagation { get; private set; }

    /// <summary>The trained model to release instead of training.</summary>
    public string? Release { get; private set; }

    /// <summary>The model to mix the released one with.</summary>
    public string? Mix { get; private set; }

    public double Share { get; private set; } = 0.5;

    public double Keep { get; private set; }

    public bool Mirrored { get; private set; }

    /// <summary>The name and the licence, if given.</summary>
    public Dictionary<string, string> About { get; } = [];

    /// <summary>Parses the arguments. If they are invalid, prints the reason and returns null.</summary>
    public static Arguments? Parse(string[] args)
    {
        var result = new Arguments();
        try
        {
            for (int i = 0; i < args.Length; i++)
            {
                string name = args[i];
                if (name == "--resume")
                    result.Resume = true;
                else if (name == "--without-propagation")
                    result.WithoutPropagation = true;
                else if (name == "--mirrored")
                    result.Mirrored = true;
                else
                    result.Set(name, ++i < args.Length ? args[i] : throw new FormatException($"{name} needs a value."));
            }
            return result.Photos.Length > 0 || result.Scenes >= 1 || result.Release is not null
                ? result
                : throw new FormatException("--photos, --voc, --helen, --scenes 1 or --release is missing.");
        }
        catch (Exception refusal) when (refusal is FormatException or OverflowException)
        {
            Console.Error.WriteLine(refusal.Message);
            Console.Error.WriteLine(Usage);
            return null;
        }
    }

    /// <summary>Replaces the values of a configuration for which an option was given.</summary>
    public SpnConfiguration Apply(SpnConfiguration configuration) => configuration with
    {
        GuidanceWidth = Width ?? configuration.GuidanceWidth,
        MaskWidth = MaskWidth ?? configuration.MaskWidth,
        Scales = Scales ?? configuration.Scales,
        Channels = Channels ?? configuration.Channels,
        WithoutPropagation = WithoutPropagation || configuration.WithoutPropagation,
    };

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--photos" or "--voc" or "--helen": (Layout, Photos) = (name, value); break;
            case "--split": Split = value; break;
            case "--validation": Validation = value; break;
            case "--validation-split": ValidationSplit = value; break;
            case "--real-masks": RealMasks = value; break;
            case "--networks": Networks = value.Split(','); break;
            case "--real-share": RealShare = Real(); break;
            case "--scenes": Scenes = (float)Real(); break;
            case "--pasted": Pasted = (float)Real(); break;
            case "--scene-pool": ScenePool = Number(); break;
            case "--from": From = value; break;
            case "--out": Out = value; break;
            case "--run": Run = value; break;
            case "--steps": Steps = Number(); break;
            case "--batch": Batch = Number(); break;
            case "--masks": Masks = Number(); break;
            case "--rate": Rate = Real(); break;
            case "--seed": Seed = Number(); break;
            case "--threads": Threads = Number(); break;
            case "--device": Device = value; break;
            case "--view": View = Number(); break;
            case "--width": Width = Number(); break;
            case "--mask-width": MaskWidth = Number(); break;
            case "--scales": Scales = Number(); break;
            case "--channels": Channels = Number(); break;
            case "--release": Release = value; break;
            case "--mix": Mix = value; break;
            case "--share": Share = Real(); break;
            case "--keep": Keep = Real(); break;
            case "--name" or "--licence": About[name[2..]] = value; break;
            default: throw new FormatException($"{name} is not an option.");
        }

        int Number() => int.TryParse(value, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new FormatException($"{name}: '{value}' is not a number.");

        double Real() => double.TryParse(value, CultureInfo.InvariantCulture, out double number)
            ? number
            : throw new FormatException($"{name}: '{value}' is not a number.");
    }
}
