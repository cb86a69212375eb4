using System.Text;
using OpenCvSharp;
using OpenCvSharp.XImgProc;
using Spn;
using Spn.Evaluation;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Photos;
using Spn.Evaluation.Report;
using Spn.Native;

Arguments arguments;
try
{
    arguments = Arguments.Parse(args);
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Arguments.Usage}");
    return 2;
}

try
{
    return Run(arguments);
}
catch (Exception refusal) when (refusal is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(refusal.Message);
    return 1;
}

static int Run(Arguments arguments)
{
    var photos = new PhotoFolder(arguments.Folder, arguments.Enlarge);
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

    var coarse = new CoarseMethod();
    var edges = new SpnMethod("EdgeGuidance (defaults)", new EdgeGuidance());
    SpnMethod[] models =
        [.. arguments.Models.Select(name => new SpnMethod($"SpnModel {name}", Models.Load(name), arguments.Cascade))];
    // Each other method with the settings that were best on the training sequences (benchmarks/results/edge-guidance.md) and with its usual
    // ones.
    var guidedFilter = new GuidedFilterMethod(radius: 18, eps: 3e-5);
    var domainTransform = new DomainTransformMethod(EdgeAwareFiltersList.DTF_NC, sigmaSpatial: 40, sigmaColor: 120);
    IMethod[] grabCut = arguments.GrabCut ? [new GrabCutMethod(band: 12, iterations: 3)] : [];
    IMethod[] methods =
    [
        coarse,
        .. models,
        edges,
        new GuidedFilterMethod(radius: 12, eps: 1e-4),
        guidedFilter,
        new BlendedMethod(new GuidedFilterMethod(radius: 24, eps: 3e-5), strength: 0.85),
        domainTransform,
        new DomainTransformMethod(EdgeAwareFiltersList.DTF_RF, sigmaSpatial: 40, sigmaColor: 30),
        .. grabCut,
    ];

    var scores = new List<Score>();
    foreach (string name in names)
    {
        using Photo photo = photos.Open(name);
        scores.AddRange(Evaluation.Of(photo, arguments.Kinds, methods));
        Console.Error.Write($"\r{scores[^1].Photo} ({names.Length} photos) ");
    }
    Console.Error.WriteLine();

    string[] all = [.. arguments.Kinds.Select(kind => kind.Name)];
    var groups = new List<(string Title, string[] Kinds)>();
    if (all.Contains("net24") && all.Contains("bumps"))
        groups.Add(("net24 and bumps", ["net24", "bumps"]));
    if (all.Length > 2)
        groups.Add(("All inexact kinds", [.. all.Where(kind => kind != "exact")]));
    groups.AddRange(all.Select(kind => (kind, new[] { kind })));

    var report = new StringBuilder($"{names.Length} photos, split: {arguments.Split}. Means over photos ± standard error; ");
    report.Append("gains are paired with the coarse mask of the same photo.\n");
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
        IMethod[] shown = [coarse, .. models, edges, guidedFilter, domainTransform, .. grabCut];
        Evaluation.WriteSheets(arguments.Out, photos, scores, arguments.Kinds, shown, judged: models.LastOrDefault() ?? edges, count: 8);
    }
    return 0;
}
