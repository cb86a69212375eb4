using System.CommandLine;
using System.Globalization;
using Spn.Cli.Batch;
using Spn.Cli.Output;

namespace Spn.Cli.Commands;

/// <summary><c>spn batch</c>: the masks of a folder.</summary>
internal sealed class BatchCommand
{
    private const int ListedFailures = 50;

    private readonly Argument<string> _photos = new("photos") { Description = "The folder of the photos. Subfolders are included." };
    private readonly Argument<string> _masks = new("masks") { Description = "The folder of the coarse masks, named like their photos." };
    private readonly Argument<string> _output = new("output")
    {
        Description = "The folder of the refined masks. It is created if necessary.",
    };

    private readonly Option<string> _photoNames = new("--photo-names")
    {
        Description = "Which files are photos, for example '*.jpg'.",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => PairFinder.AnyPhoto,
    };

    private readonly Option<string> _maskNames = new("--mask-names")
    {
        Description = "The name of a photo's mask, for example '{name}_mask.png'. {name} is the photo's name without its extension.",
        HelpName = "PATTERN",
        DefaultValueFactory = _ => PairFinder.NamePlaceholder + PairFinder.AnyExtension,
    };

    private readonly Option<int?> _jobs = new("--jobs", "-j")
    {
        Description = "How many photos are refined at a time. Fewer need less memory. Default: one per processor.",
        HelpName = "N",
        CustomParser = result => Check.WholeNumber("--jobs")(result),
    };

    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Refine part i of n only, so that n machines can share the work.",
        HelpName = "i/n",
    };

    private readonly Option<bool> _watch = new("--watch", "-w")
    {
        Description = "Go on and refine what is added or changed, until Ctrl+C.",
    };

    private readonly Option<bool> _cutOuts = new("--cutouts")
    {
        Description = "Write the objects, cut out of their photos with transparent surroundings, in place of masks.",
    };

    private readonly Option<bool> _force = new("--force", "-f") { Description = "Refine again what is done already." };
    private readonly Option<bool> _json = new("--json") { Description = "Print a report in JSON at the end." };
    private readonly RefineOptions _options = new();

    private BatchCommand()
    {
    }

    public static Command Create()
    {
        BatchCommand batch = new();
        Command command = new("batch", "Refine the masks of a folder, for example: spn batch photos/ masks/ refined/")
        {
            batch._photos, batch._masks, batch._output, batch._photoNames, batch._maskNames, batch._jobs, batch._shard, batch._watch,
            batch._cutOuts, batch._force, batch._json,
        };
        batch._options.AddTo(command);
        command.SetAction(batch.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        int jobs = line.GetValue(_jobs) ?? Environment.ProcessorCount;
        if (jobs < 1)
            throw new UsageException($"--jobs: expected 1 or more, got {jobs}.");
        bool isWatching = line.GetValue(_watch), isJson = line.GetValue(_json);
        if (isWatching && isJson)
            throw new UsageException("--json reports at the end, which --watch does not have. Remove one of them.");
        Shard shard = line.GetValue(_shard) is { } text ? Shard.Parse(text) : Shard.Whole;
        PairFinder finder = new(
            line.GetRequiredValue(_photos), line.GetRequiredValue(_masks), line.GetRequiredValue(_output),
            line.GetRequiredValue(_photoNames), line.GetRequiredValue(_maskNames));
        finder.Check();

        RefineSettings settings = _options.Read(line);
        bool areCutOuts = line.GetValue(_cutOuts);
        if (settings.AreLabels && areCutOuts)
            throw new UsageException("--cutouts cannot be used with --labels: a label map has no alpha. Remove one of them.");
        using BatchRun run = new(settings, areCutOuts, jobs, line.GetValue(_force));
        if (isWatching)
            return await new FolderWatch(finder, shard, run).RunAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<PhotoPair> all = finder.Find();
        if (all.Count == 0)
        {
            throw new UsageException(
                $"No photos in '{line.GetValue(_photos)}'. Expected .png, .jpg, .jpeg, .webp, .bmp or .gif files"
                + $"{(line.GetResult(_photoNames) is { Implicit: false } ? $" that match '{line.GetValue(_photoNames)}'" : "")}.");
        }
        PhotoPair[] pairs = [.. all.Where(pair => shard.Contains(pair.Name))];
        BatchCounter counter = new(pairs.Length);
        try
        {
            await BatchProgress.ShowAsync(counter, () => run.RunAsync(pairs, counter, cancellation)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Report(counter, isJson);
            Console.Error.WriteLine("spn: Interrupted. Run the same command again to go on.");
            return ExitCode.Interrupted;
        }
        Report(counter, isJson);
        return counter.Failures.Count > 0 ? ExitCode.Failed : ExitCode.Success;
    }

    /// <summary>Prints the summary, or the report in JSON.</summary>
    public static void Report(BatchCounter counter, bool isJson)
    {
        if (isJson)
        {
            Console.WriteLine(BatchJson.Of(counter));
            return;
        }
        Console.WriteLine(Summary(counter));
        ListFailures(counter);
    }

    /// <summary>One line: what was done, and how fast.</summary>
    public static string Summary(BatchCounter counter)
    {
        string text = $"Refined {counter.Refined} of {counter.Total} in {BatchCounter.Format(counter.Elapsed)}";
        if (counter.Refined > 0)
            text += string.Create(CultureInfo.InvariantCulture, $" ({counter.ImagesPerSecond:F1} per second)");
        if (counter.Skipped > 0)
            text += $", {counter.Skipped} were done before";
        return counter.Failures.Count > 0 ? $"{text}, {counter.Failures.Count} failed." : $"{text}.";
    }

    /// <summary>What could not be refined, to standard error.</summary>
    public static void ListFailures(BatchCounter counter)
    {
        IReadOnlyList<KeyValuePair<string, string>> failures = counter.Failures;
        foreach ((string photo, string reason) in failures.Take(ListedFailures))
            Console.Error.WriteLine($"  {photo}: {reason}");
        if (failures.Count > ListedFailures)
            Console.Error.WriteLine($"  and {failures.Count - ListedFailures} more; --json lists all of them.");
    }
}
