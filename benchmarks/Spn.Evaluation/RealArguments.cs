using System.Globalization;

namespace Spn.Evaluation;

/// <summary>The command-line arguments after <c>real</c>: masks and class probabilities of real networks.</summary>
internal sealed record RealArguments(
    string Data, bool Masks, bool Classes, string Part, int Every, int MaxPhotos, IReadOnlyList<string> Models, bool Peers, string? Out,
    string? Tables)
{
    public const string Usage = """
        usage: Spn.Evaluation real <folder with davis-networks, davis-train and voc> [options]
          --suite both|masks|classes   masks: davis-networks and the validation sequences of davis-train; classes: voc (default both)
          --part A|B        the part of voc (default B; choose constants on A only)
          --every n         use only every n-th photo of each data set (default 1)
          --max-photos n    use at most n photos of each data set (default: all)
          --model name      also evaluate this SpnModel: Fast, Quality or a safetensors file; may be repeated
          --peers yes|no    also evaluate other methods; dense CRF and GrabCut take a second or two per mask (default yes)
          --out folder      write contact sheets of the best and worst cases and all results to this folder
          --tables folder   write real-masks and voc-classes as .md and .csv to this folder
        """;

    public static RealArguments Parse(string[] args)
    {
        string suite = "both", part = "B";
        string? data = null, output = null, tables = null;
        int every = 1, maxPhotos = int.MaxValue;
        bool peers = true;
        List<string> models = [];
        var options = new OptionReader(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case null: data = OptionReader.Single(data, options.Value); break;
                case "--suite": suite = options.OneOf("both", "masks", "classes"); break;
                case "--part": part = options.OneOf("A", "B"); break;
                case "--every": every = options.Count(); break;
                case "--max-photos": maxPhotos = options.Count(); break;
                case "--model": models.Add(options.Model()); break;
                case "--peers": peers = options.YesOrNo(); break;
                case "--out": output = options.Value; break;
                case "--tables": tables = options.Value; break;
                default: throw options.Unknown();
            }
        }
        OptionReader.RequireFolder(data);
        return new RealArguments(
            data, suite != "classes", suite != "masks", part, every, maxPhotos, [.. models.Distinct()], peers, output, tables);
    }

    /// <summary>The photos of a data set that are used.</summary>
    public string[] Pick(IEnumerable<string> photos) => [.. photos.Where((_, i) => i % Every == 0).Take(MaxPhotos)];

    /// <summary>The command line that reproduces the results, with only the name of the folder.</summary>
    public string Command()
    {
        List<string> words = ["real", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Data)))];
        if (!Masks || !Classes)
            words.AddRange(["--suite", Masks ? "masks" : "classes"]);
        if (Part != "B")
            words.AddRange(["--part", Part]);
        if (Every > 1)
            words.AddRange(["--every", Every.ToString(CultureInfo.InvariantCulture)]);
        if (MaxPhotos < int.MaxValue)
            words.AddRange(["--max-photos", MaxPhotos.ToString(CultureInfo.InvariantCulture)]);
        foreach (string model in Models)
            words.AddRange(["--model", Path.GetFileName(model)]);
        if (!Peers)
            words.AddRange(["--peers", "no"]);
        return string.Join(' ', words);
    }
}
