using System.CommandLine;
using Spn.Orleans;

namespace Spn.Cluster.Commands;

/// <summary>The manifest of a job, its folder, and how its masks are refined.</summary>
internal sealed class JobArguments
{
    private readonly Argument<string> _manifest = new("manifest")
    {
        Description = "A file with a line of JSON per mask: {\"image\": \"a.jpg\", \"mask\": \"a.png\", \"output\": \"refined/a.png\"}",
    };

    private readonly Option<string?> _job = new("--job")
    {
        Description = "The job's folder in the storage, which is also its name. Default: the manifest's name without its extension.",
        HelpName = "FOLDER",
    };

    private readonly Option<string> _model = new("--model", "-m")
    {
        Description = "fast, quality (slightly better boundaries, about five times as slow), or the path of a model in the storage.",
        HelpName = "fast|quality|FILE",
        DefaultValueFactory = _ => "fast",
    };

    private readonly Option<bool> _hard = new("--hard") { Description = "Write masks of black and white only." };
    private readonly Option<bool> _limit = new("--limit") { Description = "Change nothing that is far from the coarse mask's boundary." };
    private readonly Option<bool> _fallback = new("--fallback")
    {
        Description = "Keep coarse masks if the refined ones are not likely better.",
    };

    private readonly Option<bool> _labels = new("--labels")
    {
        Description = "The masks are label maps. All their labels are refined together.",
    };

    private readonly Option<bool> _vocColors = new("--voc-colors")
    {
        Description = "The masks are RGB pictures in the colours of Pascal VOC.",
    };

    private readonly Option<MaskFit> _fit = new("--fit")
    {
        Description = "What masks of other proportions than their images cover.",
        DefaultValueFactory = _ => MaskFit.Proportional,
    };

    private readonly Option<MaskValues> _values = new("--values")
    {
        Description = "The meaning of the masks' values; auto also reads zeros and ones.",
        DefaultValueFactory = _ => MaskValues.Auto,
    };

    private readonly Option<int> _shardSize = new("--shard-size")
    {
        Description = "How many masks a machine takes at a time.",
        HelpName = "N",
        DefaultValueFactory = _ => 1000,
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_manifest);
        foreach (Option option in new Option[] { _job, _model, _hard, _limit, _fallback, _labels, _fit, _values, _vocColors, _shardSize })
            command.Options.Add(option);
    }

    public string Folder(ParseResult line) => line.GetValue(_job) ?? Path.GetFileNameWithoutExtension(line.GetRequiredValue(_manifest));

    /// <summary>What can be checked before there is a cluster.</summary>
    /// <exception cref="UsageException">There is no manifest, or options contradict each other.</exception>
    public void Check(ParseResult line)
    {
        string manifest = line.GetRequiredValue(_manifest);
        if (!File.Exists(manifest))
            throw new UsageException($"There is no manifest '{manifest}'.");
        if (line.GetValue(_labels) && line.GetValue(_hard))
            throw new UsageException("--hard has no effect with --labels: label maps are always hard. Remove one of them.");
        if (line.GetValue(_labels) && line.GetValue(_fallback))
            throw new UsageException("--fallback cannot be used with --labels: it is for masks of one object. Remove one of them.");
    }

    /// <summary>Submits the job.</summary>
    /// <exception cref="UsageException">The manifest or an option is wrong.</exception>
    public async Task SubmitAsync(RefineJobs jobs, ParseResult line, CancellationToken cancellation)
    {
        RefineJobOptions options = new()
        {
            Model = line.GetRequiredValue(_model),
            IsHard = line.GetValue(_hard),
            IsLimited = line.GetValue(_limit),
            FallsBack = line.GetValue(_fallback),
            AreLabels = line.GetValue(_labels),
            Fit = line.GetValue(_fit),
            Values = line.GetValue(_values),
            AreVocColors = line.GetValue(_vocColors),
        };
        try
        {
            await jobs.SubmitAsync(
                line.GetRequiredValue(_manifest), Folder(line), options, line.GetValue(_shardSize), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or ArgumentException)
        {
            throw new UsageException(e.Message, e);
        }
    }
}
