using System.Text;
using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Methods;
using Spn.Evaluation.Networks;
using Spn.Evaluation.Photos;
using Spn.Evaluation.Report;
using Spn.Shared;

namespace Spn.Evaluation.Video;

/// <summary>Sequences of frames: what a <see cref="VideoSession"/> makes of flicker, IoU and boundaries.</summary>
internal static class VideoSuite
{
    private static readonly string[] s_ways = ["coarse mask", "refined, each frame by itself", "refined in a session"];

    public static int Run(VideoArguments arguments)
    {
        if (arguments.Tables is not null)
            Directory.CreateDirectory(arguments.Tables); // fails before the work if the path is invalid
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(Methods.Models.Load(arguments.Model)).Build();
        PhotoFolder photos = new(arguments.Folder);
        string[][] sequences = [.. photos.Names("all").GroupBy(SequenceOf).Where((_, i) => i % arguments.Every == 0)
            .Select(sequence => sequence.Take(arguments.Frames).ToArray()).Where(frames => frames.Length > 1)];
        if (sequences.Length == 0)
            throw new InvalidDataException($"{arguments.Folder} contains no two frames SEQUENCE-NUMBER.jpg of a sequence with true masks.");

        NetworkMasks networks = new(arguments.Folder);
        Dictionary<string, List<VideoScore[]>> scores = [];
        foreach (string[] frames in sequences)
        {
            foreach (string kind in networks.Kinds(frames[0]))
                Measure(kind, networks);
            foreach (CoarseKind kind in CoarseKinds.Named(["net8", "net24"]))
                Measure(kind.Name, new ArtificialMasks([kind]));

            void Measure(string kind, ICoarseMasks masks)
            {
                string[] given = [.. frames.Where(frame => masks.Kinds(frame).Contains(kind))];
                VideoScore[] ways = Refine(given.Select(photos.Open), kind, masks, refiner);
                if (ways[0].HasPairs)
                    (scores.TryGetValue(kind, out List<VideoScore[]>? all) ? all : scores[kind] = []).Add(ways);
                Console.Error.Write($"\r{SequenceOf(frames[0])} {kind} ");
            }
        }
        Console.Error.WriteLine();
        string report = Markdown(arguments, sequences, scores);
        Console.WriteLine(report);
        if (arguments.Tables is not null)
            AtomicFile.Write(Path.Combine(arguments.Tables, "video.md"), report);
        return 0;
    }

    private static string SequenceOf(string frame) => frame.LastIndexOf('-') is > 0 and int end ? frame[..end] : frame;

    private static VideoScore[] Refine(IEnumerable<Photo> frames, string kind, ICoarseMasks masks, Refiner refiner)
    {
        VideoScore[] scores = [.. s_ways.Select(_ => new VideoScore())];
        VideoSession session = refiner.CreateVideoSession();
        foreach (Photo frame in frames)
        {
            using (frame)
            {
                ImageInput image = frame.Image.ToInput();
                using Mat mat = masks.Make(frame, kind);
                mat.GetArray(out float[] coarse);
                MaskInput mask = MaskInput.FromPixels(coarse.AsMemory(), mat.Width, mat.Height);
                scores[0].Add(frame, coarse);
                scores[1].Add(frame, refiner.Refine(image, mask).Pixels.ToArray());
                scores[2].Add(frame, session.Refine(image, mask).Pixels.ToArray());
            }
        }
        return scores;
    }

    private static string Markdown(
        VideoArguments arguments, string[][] sequences, Dictionary<string, List<VideoScore[]>> scores)
    {
        StringBuilder report = new($"Videos: {sequences.Length} sequences, {sequences.Sum(frames => frames.Length)} frames. ");
        report.Append("Means over sequences; changes are paired with the frames refined by themselves, ± standard error.\n");
        report.Append("Flicker: pixels that change sides from one frame to the next although the truth does not, ");
        report.Append("in percent of the object.\n");
        report.Append($"`dotnet run --project benchmarks/Spn.Evaluation -c Release -- {arguments.Command()}`\n\n");
        report.Append("| masks | | IoU % | mBA % | flicker % | IoU change | mBA change | flicker change |\n");
        report.Append("|---|---|---|---|---|---|---|---|\n");
        foreach ((string kind, List<VideoScore[]> all) in scores.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Add(kind, all);
        Add("all", [.. scores.Values.SelectMany(all => all)]);
        return report.ToString();

        void Add(string kind, List<VideoScore[]> all)
        {
            for (int way = 0; way < s_ways.Length; way++)
            {
                VideoScore[] mine = [.. all.Select(ways => ways[way])], alone = [.. all.Select(ways => ways[1])];
                report.Append($"| {(way == 0 ? $"{kind}, {all.Count} sequences" : "")} | {s_ways[way]} ");
                report.Append(FormattableString.Invariant($"| {100 * mine.Average(s => s.IoU):F2} | {100 * mine.Average(s => s.Mba):F2} "));
                report.Append(FormattableString.Invariant($"| {100 * mine.Average(s => s.Flicker):F2} "));
                report.Append(way < 2 ? "| | | |\n" : $"| {Change(s => s.IoU)} | {Change(s => s.Mba)} | {Change(s => s.Flicker)} |\n");

                string Change(Func<VideoScore, double> of)
                {
                    Statistics change = Statistics.Of([.. mine.Zip(alone, (a, b) => 100 * (of(a) - of(b)))]);
                    return FormattableString.Invariant($"{change.Mean:+0.00;-0.00;0.00} ± {change.StandardError:F2}");
                }
            }
        }
    }
}
