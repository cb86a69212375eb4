using System.Globalization;
using Spn.Evaluation.Coarse;

namespace Spn.Evaluation;

/// <summary>What to evaluate, as asked for on the command line.</summary>
internal sealed record Arguments(
    string Folder, string Split, int Every, int MaxPhotos, IReadOnlyList<CoarseKind> Kinds, IReadOnlyList<string> Models, bool GrabCut, string? Out, string? Table)
{
    public const string Usage = """
        usage: Spn.Evaluation <folder of name.jpg + name_gt.png [+ name_void.png, 255 where nothing counts] [+ sequences.csv]> [options]
          --split validation|training|all   photos to take (default all; the others need sequences.csv: id,sequence,split)
          --every n         only every n-th photo of them (default 1)
          --max-photos n    at most n photos (default: all)
          --kinds net8,net24,bumps,polygon,shift,grow,exact   coarse masks to make (default: every kind)
          --model name      also judge this SpnModel: Fast or Quality, which come with the library, or a safetensors file; may come several times
          --grabcut yes|no  also judge GrabCut, which takes about a second a mask (default yes)
          --out folder      write contact sheets of the best and worst cases, and every figure (scores.csv), there
          --table file.md   write the tables there, and their figures as CSV beside it
        """;

    public static Arguments Parse(string[] args)
    {
        bool grabCut = true;
        int every = 1, maxPhotos = int.MaxValue;
        List<string> models = [];
        string? folder = null, split = "all", output = null, table = null, kinds = null;
        for (int i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
                folder = folder is null ? args[i] : throw new ArgumentException($"A second folder: {args[i]}.");
            else if (i + 1 == args.Length)
                throw new ArgumentException($"{args[i]} needs a value.");
            else if (args[i] == "--split")
                split = args[++i];
            else if (args[i] == "--every")
                every = Count(args[i], args[++i]);
            else if (args[i] == "--max-photos")
                maxPhotos = Count(args[i], args[++i]);
            else if (args[i] == "--model")
                models.Add(args[++i] is "Fast" or "Quality" || File.Exists(args[i]) ? args[i] : throw new ArgumentException($"There is no model {args[i]}."));
            else if (args[i] == "--kinds")
                kinds = args[++i];
            else if (args[i] == "--grabcut")
                grabCut = args[++i] switch { "yes" => true, "no" => false, string other => throw new ArgumentException($"--grabcut {other}; expected yes or no.") };
            else if (args[i] == "--out")
                output = args[++i];
            else if (args[i] == "--table")
                table = args[++i];
            else
                throw new ArgumentException($"Unknown option {args[i]}.");
        }
        if (folder is null || !Directory.Exists(folder))
            throw new ArgumentException(folder is null ? "No folder given." : $"There is no folder {folder}.");
        if (split is not ("validation" or "training" or "all"))
            throw new ArgumentException($"--split {split}; expected validation, training or all.");
        if (table is not null && !Path.GetExtension(table).Equals(".md", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"--table {table}; expected a name that ends in .md, as the CSV gets that name with .csv.");
        return new Arguments(
            folder, split, every, maxPhotos, kinds is null ? CoarseKinds.All : CoarseKinds.Named(kinds.Split(',')), [.. models.Distinct()], grabCut, output, table);
    }

    /// <summary>The command line that gives the same figures; of the folder its name alone.</summary>
    public string Command()
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));
        string[] words =
        [
            name, "--split", Split, .. Every > 1 ? ["--every", $"{Every}"] : Array.Empty<string>(), .. MaxPhotos < int.MaxValue ? ["--max-photos", $"{MaxPhotos}"] : Array.Empty<string>(),
            .. Kinds.Count < CoarseKinds.All.Count ? ["--kinds", string.Join(',', Kinds.Select(kind => kind.Name))] : Array.Empty<string>(),
            .. Models.SelectMany(model => new[] { "--model", Path.GetFileName(model) }), .. GrabCut ? [] : new[] { "--grabcut", "no" },
        ];
        return string.Join(' ', words);
    }

    private static int Count(string option, string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new ArgumentException($"{option} {text}; expected a number of 1 or more.");
}
