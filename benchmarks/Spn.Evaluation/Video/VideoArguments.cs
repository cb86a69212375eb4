using System.Globalization;

namespace Spn.Evaluation.Video;

/// <summary>The command-line arguments after <c>video</c>.</summary>
internal sealed record VideoArguments(string Folder, int Frames, int Every, string Model, string? Tables)
{
    public const string Usage = """
        usage: Spn.Evaluation video <folder of SEQUENCE-NUMBER.jpg + _gt.png [+ __NETWORK.png]> [options]
          --frames n        use at most n frames of each sequence (default: all)
          --every n         use only every n-th sequence (default 1)
          --model name      the SpnModel that refines: Fast (default), Quality or a safetensors file
          --tables folder   write video.md to this folder
        """;

    public static VideoArguments Parse(string[] args)
    {
        string model = nameof(SpnModel.Fast);
        string? folder = null, tables = null;
        int frames = int.MaxValue, every = 1;
        OptionReader options = new(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case null: folder = OptionReader.Single(folder, options.Value); break;
                case "--frames": frames = options.Count(); break;
                case "--every": every = options.Count(); break;
                case "--model": model = options.Model(); break;
                case "--tables": tables = options.Value; break;
                default: throw options.Unknown();
            }
        }
        OptionReader.RequireFolder(folder);
        return new VideoArguments(folder, frames, every, model, tables);
    }

    /// <summary>The command line that reproduces the results, with only the name of the folder.</summary>
    public string Command()
    {
        List<string> words = ["video", Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)))];
        if (Frames < int.MaxValue)
            words.AddRange(["--frames", Frames.ToString(CultureInfo.InvariantCulture)]);
        if (Every > 1)
            words.AddRange(["--every", Every.ToString(CultureInfo.InvariantCulture)]);
        if (Model != nameof(SpnModel.Fast))
            words.AddRange(["--model", Path.GetFileName(Model)]);
        return string.Join(' ', words);
    }
}
