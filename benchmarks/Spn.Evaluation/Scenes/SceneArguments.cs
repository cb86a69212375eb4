namespace Spn.Evaluation.Scenes;

/// <summary>The command-line arguments after <c>scenes</c>: procedural scenes as a folder of photos.</summary>
internal sealed record SceneArguments(int Count, int Size, string Out)
{
    public const string Usage = """
        usage: Spn.Evaluation scenes --out FOLDER [options]
          --count n      the number of scenes (default 60)
          --size n       their width and height in pixels (default 512)
          --out FOLDER   receives name.jpg and name_gt.png, for Spn.Evaluation FOLDER --thin yes
        """;

    public static SceneArguments Parse(string[] args)
    {
        int count = 60, size = 512;
        string? output = null;
        var options = new OptionReader(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case "--count": count = options.Count(); break;
                case "--size": size = options.Count(max: 4096); break;
                case "--out": output = options.Value; break;
                default: throw options.Name is null ? new ArgumentException($"Unexpected argument {options.Value}.") : options.Unknown();
            }
        }
        return new SceneArguments(count, size, output ?? throw new ArgumentException("--out is missing."));
    }
}
