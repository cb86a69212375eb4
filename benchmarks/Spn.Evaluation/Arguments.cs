using System.Globalization;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Methods;

namespace Spn.Evaluation;

/// <summary>The command-line arguments.</summary>
internal sealed record Arguments(
    string Folder, string Split, int Every, int MaxPhotos, int Enlarge, IReadOnlyList<CoarseKind> Kinds, IReadOnlyList<string> Models,
    bool Cascade, bool GrabCut, string? Out, string? Table)
{
    public const string Usage = """
        usage: Spn.Evaluation <folder of name.jpg + name_gt.png [+ name_void.png, 255 where nothing counts] [+ sequences.csv]> [options]
          --split validation|training|all   the photos to use (default all; the other splits need sequences.csv: id,sequence,split)
          --every n         use only every n-th photo (default 1)
          --max-photos n    use at most n photos (default: all)
          --enlarge n       enlarge photos and masks n times, 1..8, and thus the errors in pixels (default 1)
          --kinds net8,net24,bumps,polygon,shift,grow,exact   the kinds of coarse masks (default: all)
          --model name      also evaluate this SpnModel: Fast, Quality or a safetensors file; may be repeated
          --cascade yes|no  let models refine a downscaled copy of a large photo first, as by default (default yes)
          --grabcut yes|no  also evaluate GrabCut, which takes about a second per mask (default yes)
          --out folder      write contact sheets of the best and worst cases and all results (scores.csv) to this folder
          --table file.md   write the tables to this file, and their values as CSV next to it
        """;

    public static Arguments Parse(string[] args)
    {
        bool cascade = true, grabCut = true;
        int every = 1, maxPhotos = int.MaxValue, enlarge = 1;
        List<string> models = [];
        string? folder = null, split = "all", output = null, table = null, kinds = null;
        for (int i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
                folder = folder is null ? args[i] : throw new ArgumentException($"Expected one folder, got a second one: {args[i]}.");
            else if (i + 1 == args.Length)
                throw new ArgumentException($"{args[i]} needs a value.");
            else if (args[i] == "--split")
                split = args[++i];
            else if (args[i] == "--every")
                every = Count(args[i], args[++i]);
            else if (args[i] == "--max-photos")
                maxPhotos = Count(args[i], args[++i]);
            else if (args[i] == "--enlarge")
                enlarge = Count(args[i], args[++i], max: 8);
            else if (args[i] == "--model")
                models.Add(
                    Methods.Models.Exists(args[++i]) ? args[i] : throw new ArgumentException($"The model {args[i]} does not exist."));
            else if (args[i] == "--kinds")
                kinds = args[++i];
            else if (args[i] == "--cascade")
                cascade = YesOrNo(args[i], args[++i]);
            else if (args[i] == "--grabcut")
                grabCut = YesOrNo(args[i], args[++i]);
            else if (args[i] == "--out")
                output = args[++i];
            else if (args[i] == "--table")
                table = args[++i];
            else
                throw new ArgumentException($"Unknown option {args[i]}.");
        }
        if (folder is null || !Directory.Exists(folder))
            throw new ArgumentException(folder is null ? "No folder was given." : $"The folder {folder} does not exist.");
        if (split is not ("validation" or "training" or "all"))
            throw new ArgumentException($"--split is {split}; expected validation, training or all.");
        if (table is not null && !Path.GetExtension(table).Equals(".md", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException(
                $"--table is {table}; expected a file name that ends in .md. The CSV file gets the same name with .csv.");
        return new Arguments(
            folder, split, every, maxPhotos, enlarge, kinds is null ? CoarseKinds.All : CoarseKinds.Named(kinds.Split(',')),
            [.. models.Distinct()], cascade, grabCut, output, table);
    }

    /// <summary>The command line that reproduces the results, with only the name of the folder.</summary>
    public string Command()
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));
        List<string> words = [name, "--split", Split];
        void Add(string option, object value, bool isDefault)
        {
            if (!isDefault)
                words.AddRange([option, string.Create(CultureInfo.InvariantCulture, $"{value}")]);
        }
        Add("--every", Every, Every == 1);
        Add("--max-photos", MaxPhotos, MaxPhotos == int.MaxValue);
        Add("--enlarge", Enlarge, Enlarge == 1);
        Add("--kinds", string.Join(',', Kinds.Select(kind => kind.Name)), Kinds.Count == CoarseKinds.All.Count);
        foreach (string model in Models)
            Add("--model", Path.GetFileName(model), isDefault: false);
        Add("--cascade", "no", Cascade);
        Add("--grabcut", "no", GrabCut);
        return string.Join(' ', words);
    }

    private static int Count(string option, string text, int max = int.MaxValue)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 && count <= max
            ? count
            : throw new ArgumentException($"{option} is {text}; expected a number of {(max == int.MaxValue ? "1 or more" : $"1..{max}")}.");

    private static bool YesOrNo(string option, string text)
        => text switch { "yes" => true, "no" => false, _ => throw new ArgumentException($"{option} is {text}; expected yes or no.") };
}
