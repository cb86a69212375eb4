namespace Spn.Evaluation.Classes;

/// <summary>The command-line arguments after <c>export</c>: class probabilities as masks for a training.</summary>
internal sealed record ClassExportArguments(string Folder, IReadOnlyList<string> Lists, string Network, string Out)
{
    public const string Usage = """
        usage: Spn.Evaluation export <voc folder> --list FILE --network NAME --out FOLDER
          --list FILE       the images, for example A.txt or train/fine.txt, next to images, labels and networks; may be repeated
          --network NAME    the network whose class probabilities become coarse masks
          --out FOLDER      receives one photo with masks per class, for spn-train --photos
        """;

    public static ClassExportArguments Parse(string[] args)
    {
        string? folder = null, network = null, output = null;
        List<string> lists = [];
        var options = new OptionReader(args);
        while (options.Next())
        {
            switch (options.Name)
            {
                case null: folder = OptionReader.Single(folder, options.Value); break;
                case "--list": lists.Add(options.Value); break;
                case "--network": network = options.Value; break;
                case "--out": output = options.Value; break;
                default: throw options.Unknown();
            }
        }
        OptionReader.RequireFolder(folder);
        if (lists.Count == 0 || network is null || output is null)
            throw new ArgumentException("--list, --network or --out is missing.");
        return new ClassExportArguments(folder, lists, network, output);
    }
}
