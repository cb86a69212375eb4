using System.Text;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Networks;
using Spn.Evaluation.Photos;
using Spn.Shared;

namespace Spn.Evaluation.Verdicts;

/// <summary>How much the verdicts on refined masks are worth, what a fallback costs and gains, and the fit of their constants.</summary>
internal sealed class VerdictSuite(VerdictArguments arguments, Refiner refiner)
{
    private static readonly CoarseKind[] s_inexact = [.. CoarseKinds.All.Where(kind => kind is not Exact)];
    private static readonly CoarseKind[] s_nearlyRight = [.. CoarseKinds.NearlyRight.Where(kind => kind is not Exact)];

    private string Frames => Path.Combine(arguments.Data, "davis-train");

    private string Networks => Path.Combine(Frames, "networks");

    public static int Run(VerdictArguments arguments)
    {
        if (arguments.Tables is not null)
            Directory.CreateDirectory(arguments.Tables); // fails before the work if the path is invalid
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(Methods.Models.Load(arguments.Model)).Build();
        VerdictSuite suite = new(arguments, refiner);
        if (arguments.Fits)
            suite.Fit();
        suite.Measure();
        return 0;
    }

    /// <summary>
    /// Fits the constants. Masks of networks, made-up masks, and masks that are nearly right have the same weight. Only networks whose
    /// masks may be trained on take part.
    /// </summary>
    private void Fit()
    {
        (string Name, ICoarseMasks Masks)[] groups =
        [
            ("networks", new NetworkMasks(Networks, network => !network.StartsWith("isnet", StringComparison.Ordinal))),
            ("made up", new ArtificialMasks(s_inexact)),
            ("nearly right", new ArtificialMasks(CoarseKinds.NearlyRight)),
        ];
        List<(double[] Features, bool Label, double Weight)> samples = [];
        foreach ((string name, ICoarseMasks masks) in groups)
        {
            VerdictSample[] group = Refine(Frames, "training", masks);
            samples.AddRange(group.Select(sample => (sample.Features, sample.IsBetter, 1.0 / group.Length)));
            Console.WriteLine($"{name}: {group.Length} masks, {group.Count(s => s.IsBetter)} became better");
        }
        double scale = samples.Count / samples.Sum(s => s.Weight);
        double[] constants = LogisticRegression.Fit([.. samples.Select(s => (s.Features, s.Label, s.Weight * scale))]);
        string weights = string.Join(", ", constants.Skip(1).Select(weight => FormattableString.Invariant($"{weight:F2}")));
        Console.WriteLine(FormattableString.Invariant($"Intercept = {constants[0]:F2}; weights = [{weights}]"));
    }

    private void Measure()
    {
        string test = Path.Combine(arguments.Data, "davis-networks");
        (string Name, VerdictSample[] Samples)[] groups =
        [
            ("ten DAVIS validation sequences, six networks", Refine(test, "all", new NetworkMasks(test))),
            ("validation frames of davis-train, four networks", Refine(Frames, "validation", new NetworkMasks(Networks))),
            ("the same frames, made-up masks", Refine(Frames, "validation", new ArtificialMasks(s_inexact))),
            ("masks that are nearly right", Refine(Frames, "validation", new ArtificialMasks(s_nearlyRight))),
            ("exact masks", Refine(Frames, "validation", new ArtificialMasks([new Exact()]))),
        ];
        StringBuilder report = new("Verdicts on refined masks, and what a fallback to the coarse mask makes of them. ");
        report.Append("Better and worse refer to IoU; gains are means over masks, in percent.\n");
        report.Append($"`dotnet run --project benchmarks/Spn.Evaluation -c Release -- {arguments.Command()}`\n\n");
        report.Append("| masks | number | better | mean verdict | AUC | calibration error | kept by the fallback ");
        report.Append("| worse | with fallback | IoU gain | with fallback | mBA gain | with fallback |\n");
        report.Append("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
        foreach ((string name, VerdictSample[] samples) in groups)
            report.Append(Row(name, samples));
        report.Append(Row("all", [.. groups.SelectMany(group => group.Samples)]));
        Console.WriteLine(report);
        if (arguments.Tables is null)
            return;
        AtomicFile.Write(Path.Combine(arguments.Tables, "verdicts.md"), report.ToString());
        byte[] diagram = Calibration.Draw(
        [
            ("networks, DAVIS validation sequences", groups[0].Samples),
            ("networks, validation frames of davis-train", groups[1].Samples),
            ("made-up, nearly right and exact masks", [.. groups[2..].SelectMany(group => group.Samples)]),
        ]);
        File.WriteAllBytes(Path.Combine(arguments.Tables, "verdicts.png"), diagram);
    }

    private static string Row(string name, VerdictSample[] s)
    {
        bool hasBoth = s.Any(x => x.IsBetter) && s.Any(x => !x.IsBetter);
        string auc = hasBoth ? FormattableString.Invariant($"{Calibration.Auc(s):F2}") : "";
        return FormattableString.Invariant($"| {name} | {s.Length} | {Share(x => x.IsBetter):P0} | {s.Average(x => x.Better):F2} | {auc} ")
            + FormattableString.Invariant($"| {Calibration.ExpectedError(s):F2} | {Share(x => x.IsKept):P0} ")
            + FormattableString.Invariant($"| {Share(x => x.IsWorse):P1} | {Share(x => x.IsWorse && !x.IsKept):P1} ")
            + $"| {Gain(x => x.IoUGain)} | {Gain(x => x.IsKept ? 0 : x.IoUGain)} "
            + $"| {Gain(x => x.MbaGain)} | {Gain(x => x.IsKept ? 0 : x.MbaGain)} |\n";

        double Share(Func<VerdictSample, bool> which) => (double)s.Count(which) / s.Length;

        string Gain(Func<VerdictSample, double> of) => FormattableString.Invariant($"{100 * s.Average(of):+0.00;-0.00;0.00}");
    }

    private VerdictSample[] Refine(string folder, string split, ICoarseMasks masks)
    {
        PhotoFolder photos = new(folder);
        List<VerdictSample> samples = [];
        foreach (string name in photos.Names(split).Where((_, i) => i % arguments.Every == 0))
        {
            using Photo photo = photos.Open(name);
            samples.AddRange(VerdictSample.Of(photo, masks, refiner));
            Console.Error.Write($"\r{Path.GetFileName(folder)} {name} ");
        }
        Console.Error.WriteLine();
        return samples.Count > 0 ? [.. samples] : throw new InvalidDataException($"{folder} contains no masks in the split '{split}'.");
    }
}
