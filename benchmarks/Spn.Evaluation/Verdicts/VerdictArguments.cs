using System.Globalization;

namespace Spn.Evaluation.Verdicts;

/// <summary>The command-line arguments after <c>verdicts</c>.</summary>
internal sealed record VerdictArguments(string Data, int Every, string Model, bool Fits, string? Tables)
{
    public const string Usage = """
        usage: Spn.Evaluation verdicts <folder with davis-networks and davis-train> [options]
          --every n         use only every n-th photo of each data set (default 1)
          --model name      the SpnModel that refines: Fast (default), Quality or a safetensors file
          --fit yes|no      also fit the verdict to the training sequences, and print its constants (default no)
          --tables folder   write verdicts.md and verdicts.png to this folder
        """;

    public static VerdictArguments Parse(string[] args)
    {
        string model = nameof(SpnModel.Fast);
        string? data = null, tables = null;
        int every = 1;
        bool fits = false;
        OptionReader options = new(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case null: data = OptionReader.Single(data, options.Value); break;
                case "--every": every = options.Count(); break;
                case "--model": model = options.Model(); break;
                case "--fit": fits = options.YesOrNo(); break;
                case "--tables": tables = options.Value; break;
                default: throw options.Unknown();
            }
        }
        OptionReader.RequireFolder(data);
        return new VerdictArguments(data, every, model, fits, tables);
    }

    /// <summary>The command line that reproduces the results, with only the name of the folder.</summary>
    public string Command()
    {
        List<string> words = ["verdicts", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Data)))];
        if (Every > 1)
            words.AddRange(["--every", Every.ToString(CultureInfo.InvariantCulture)]);
        if (Model != nameof(SpnModel.Fast))
            words.AddRange(["--model", Path.GetFileName(Model)]);
        return string.Join(' ', words);
    }
}
