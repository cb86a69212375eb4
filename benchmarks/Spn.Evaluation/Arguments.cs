using System.Globalization;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Methods;

namespace Spn.Evaluation;

/// <summary>The command-line arguments.</summary>
internal sealed record Arguments(
    string Folder, string Split, int Every, int MaxPhotos, int Enlarge, bool Thin, IReadOnlyList<CoarseKind> Kinds,
    IReadOnlyList<string> Models, bool Cascade, bool GrabCut, string? Out, string? Table)
{
    public const string Usage = """
        usage: Spn.Evaluation <folder of name.jpg + name_gt.png [+ name_void.png, 255 where nothing counts] [+ sequences.csv]> [options]
          --split validation|training|all   the photos to use (default all; the other splits need sequences.csv: id,sequence,split)
          --every n         use only every n-th photo (default 1)
          --max-photos n    use at most n photos (default: all)
          --enlarge n       enlarge photos and masks n times, 1..8, and thus the errors in pixels (default 1)
          --thin yes|no     count only the pixels around thin parts and thin gaps, and skip photos without any (default no)
          --kinds net8,net24,bumps,polygon,shift,grow,exact   the kinds of coarse masks (default: all)
          --model name      also evaluate this SpnModel: Fast, Quality or a safetensors file; may be repeated
          --cascade yes|no  let models refine a downscaled copy of a large photo first, as by default (default yes)
          --grabcut yes|no  also evaluate GrabCut, which takes about a second per mask (default yes)
          --out folder      write contact sheets of the best and worst cases and all results (scores.csv) to this folder
          --table file.md   write the tables to this file, and their values as CSV next to it
        """;

    public static Arguments Parse(string[] args)
    {
        bool cascade = true, grabCut = true, thin = false;
        int every = 1, maxPhotos = int.MaxValue, enlarge = 1;
        List<string> models = [];
        string? folder = null, split = "all", output = null, table = null, kinds = null;
        var options = new OptionReader(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case null: folder = OptionReader.Single(folder, options.Value); break;
                case "--split": split = options.OneOf("validation", "training", "all"); break;
                case "--every": every = options.Count(); break;
                case "--max-photos": maxPhotos = options.Count(); break;
                case "--enlarge": enlarge = options.Count(max: 8); break;
                case "--thin": thin = options.YesOrNo(); break;
                case "--model": models.Add(options.Model()); break;
                case "--kinds": kinds = options.Value; break;
                case "--cascade": cascade = options.YesOrNo(); break;
                case "--grabcut": grabCut = options.YesOrNo(); break;
                case "--out": output = options.Value; break;
                case "--table": table = options.Value; break;
                default: throw options.Unknown();
            }
        }
        OptionReader.RequireFolder(folder);
        if (table is not null && !Path.GetExtension(table).Equals(".md", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException(
                $"--table is {table}; expected a file name that ends in .md. The CSV file gets the same name with .csv.");
        return new Arguments(
            folder, split, every, maxPhotos, enlarge, thin, kinds is null ? CoarseKinds.All : CoarseKinds.Named(kinds.Split(',')),
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
        Add("--thin", "yes", !Thin);
        Add("--kinds", string.Join(',', Kinds.Select(kind => kind.Name)), Kinds.Count == CoarseKinds.All.Count);
        foreach (string model in Models)
            Add("--model", Path.GetFileName(model), isDefault: false);
        Add("--cascade", "no", Cascade);
        Add("--grabcut", "no", GrabCut);
        return string.Join(' ', words);
    }
}
