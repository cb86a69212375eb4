using System.Globalization;

namespace Spn.Evaluation.CutOuts;

/// <summary>The command-line arguments after <c>cutouts</c>.</summary>
internal sealed record CutOutArguments(string Folder, string Split, int Every, string? Out, string? Table)
{
    public const string Usage = """
        usage: Spn.Evaluation cutouts <folder with name.jpg and name_gt.png> [options]
          --split name      the part of sequences.csv to use (default all)
          --every n         use only every n-th photo (default 1)
          --out folder      write the cut-outs over new backgrounds to this folder
          --table file      write the table to this Markdown file
        """;

    public static CutOutArguments Parse(string[] args)
    {
        string split = "all";
        string? folder = null, output = null, table = null;
        int every = 1;
        OptionReader options = new(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case null: folder = OptionReader.Single(folder, options.Value); break;
                case "--split": split = options.Value; break;
                case "--every": every = options.Count(); break;
                case "--out": output = options.Value; break;
                case "--table": table = options.Value; break;
                default: throw options.Unknown();
            }
        }
        OptionReader.RequireFolder(folder);
        return new CutOutArguments(folder, split, every, output, table);
    }

    /// <summary>The command line that reproduces the results, with only the name of the folder.</summary>
    public string Command()
    {
        List<string> words = ["cutouts", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)))];
        if (Split != "all")
            words.AddRange(["--split", Split]);
        if (Every > 1)
            words.AddRange(["--every", Every.ToString(CultureInfo.InvariantCulture)]);
        return string.Join(' ', words);
    }
}
