using System.Text;
using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Photos;
using Spn.Evaluation.Report;
using Spn.Shared;

namespace Spn.Evaluation;

/// <summary>Artificial coarse masks of photos with a true mask.</summary>
internal static class PhotoSuite
{
    private const int Cases = 8; // on each contact sheet

    public static int Run(Arguments arguments)
    {
        var photos = new PhotoFolder(arguments.Folder, arguments.Enlarge, arguments.Thin);
        string[] names = [.. photos.Names(arguments.Split).Where((_, i) => i % arguments.Every == 0).Take(arguments.MaxPhotos)];
        if (names.Length == 0)
        {
            Console.Error.WriteLine($"{arguments.Folder} contains no name.jpg with name_gt.png in the split '{arguments.Split}'.");
            return 1;
        }
        // Create the output folders before the work, so that an invalid path fails immediately.
        if (arguments.Table is not null)
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(arguments.Table))!);
        if (arguments.Out is not null)
            Directory.CreateDirectory(arguments.Out);

        var methods = new MethodSet(arguments.Models, arguments.Cascade, arguments.GrabCut);
        var masks = new ArtificialMasks(arguments.Kinds);
        var scores = new List<Score>();
        int counted = 0;
        foreach (string name in names)
        {
            using Photo photo = photos.Open(name);
            if (arguments.Thin && photo.IsEmpty)
                continue;
            counted++;
            scores.AddRange(Evaluation.Of(photo, masks, methods.All));
            Console.Error.Write($"\r{scores[^1].Photo} ({names.Length} photos) ");
        }
        Console.Error.WriteLine();
        if (counted == 0)
            throw new InvalidDataException($"{arguments.Folder}: no pixel counts in any of the {names.Length} photos.");

        string[] all = [.. arguments.Kinds.Select(kind => kind.Name)];
        var groups = new List<(string Title, string[] Kinds)>();
        if (all.Contains("net24") && all.Contains("bumps"))
            groups.Add(("net24 and bumps", ["net24", "bumps"]));
        if (all.Length > 2)
            groups.Add(("All inexact kinds", [.. all.Where(kind => kind != "exact")]));
        groups.AddRange(all.Select(kind => (kind, new[] { kind })));

        var report = new StringBuilder($"{counted} photos, split: {arguments.Split}. Means over photos ± standard error; ");
        report.Append("gains are paired with the coarse mask of the same photo.\n");
        if (arguments.Thin)
            report.Append("Only pixels around thin parts and thin gaps count; photos without any are left out.\n");
        report.Append($"`dotnet run --project benchmarks/Spn.Evaluation -c Release -- {arguments.Command()}`\n");
        report.Append($"OpenCV {Cv2.GetVersionString()}; times are medians on {Environment.ProcessorCount} logical cores.\n");
        foreach ((string title, string[] kinds) in groups)
            report.Append($"\n### {title}\n\n{MarkdownReport.Table(scores, kinds)}");
        Console.WriteLine(report);

        if (arguments.Table is not null)
        {
            AtomicFile.Write(arguments.Table, report.ToString());
            AtomicFile.Write(Path.ChangeExtension(arguments.Table, ".csv"), CsvReport.Summary(scores));
        }
        if (arguments.Out is not null)
        {
            AtomicFile.Write(Path.Combine(arguments.Out, "scores.csv"), CsvReport.PerPhoto(scores));
            Evaluation.WriteSheets(arguments.Out, photos, scores, masks, methods.Shown, methods.Judged, Cases);
        }
        return 0;
    }
}
