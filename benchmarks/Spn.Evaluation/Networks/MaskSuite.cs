using Spn.Evaluation.Methods;
using Spn.Evaluation.Photos;
using Spn.Evaluation.Report;

namespace Spn.Evaluation.Networks;

/// <summary>Masks of real networks for photos with a true mask, refined with every method.</summary>
/// <param name="folder">The folder with the photos, their true masks, and perhaps <c>sequences.csv</c>.</param>
/// <param name="masks">The folder with the networks' masks.</param>
/// <param name="split">The photos to use.</param>
internal sealed class MaskSuite(string folder, string masks, string split)
{
    private const int Cases = 8; // on each contact sheet

    private readonly PhotoFolder _photos = new(folder);
    private readonly NetworkMasks _masks = new(masks);

    /// <summary>The name of the data set, which its kinds of masks begin with.</summary>
    public string Name => Path.GetFileName(folder);

    /// <summary>The frames of ten validation sequences of DAVIS 2016.</summary>
    public static MaskSuite Davis(string data) => new(Path.Combine(data, "davis-networks"), Path.Combine(data, "davis-networks"), "all");

    /// <summary>The validation frames among the training frames.</summary>
    public static MaskSuite DavisTrain(string data)
        => new(Path.Combine(data, "davis-train"), Path.Combine(data, "davis-train", "networks"), "validation");

    public List<Score> Run(RealArguments arguments, MethodSet methods)
    {
        var scores = new List<Score>();
        foreach (string name in arguments.Pick(_photos.Names(split)))
        {
            using Photo photo = _photos.Open(name);
            scores.AddRange(Evaluation.Of(photo, _masks, methods.All));
            Console.Error.Write($"\r{Name} {name} ");
        }
        Console.Error.WriteLine();
        return scores.Count > 0
            ? scores
            : throw new InvalidDataException($"{folder} contains no photo with a true mask and a network's mask.");
    }

    public string Markdown(IReadOnlyList<Score> scores)
    {
        string[] networks = [.. scores.Select(score => score.Kind).Distinct().Order(StringComparer.Ordinal)];
        return Section("all networks", networks) + string.Concat(networks.Select(network => Section(network, [network])));

        string Section(string title, string[] kinds)
        {
            int masks = scores.Count(score => score.Method == scores[0].Method && kinds.Contains(score.Kind));
            return FormattableString.Invariant($"\n### {Name}: {title}, {masks} masks\n\n{MarkdownReport.Table(scores, kinds)}");
        }
    }

    public void WriteSheets(string output, IReadOnlyList<Score> scores, MethodSet methods)
    {
        string sheets = Directory.CreateDirectory(Path.Combine(output, Name)).FullName;
        Evaluation.WriteSheets(sheets, _photos, scores, _masks, methods.Shown, methods.Judged, Cases);
    }
}
