using System.CommandLine;
using Spn.Cli.Batch;
using Spn.Cli.Coco;
using Spn.Cli.Files;
using Spn.Cli.Output;

namespace Spn.Cli.Commands;

/// <summary><c>spn coco</c>: the masks of a COCO annotation file.</summary>
internal sealed class CocoCommand
{
    private readonly Argument<string> _photos = new("photos") { Description = "The folder of the photos; file_name is the path below it." };
    private readonly Argument<string> _annotations = new("annotations") { Description = "The COCO file with polygons or run lengths." };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The COCO file with the refined masks.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<bool> _runs = new("--rle")
    {
        Description = "Write run lengths in place of polygons, which have no holes.",
    };

    private readonly Option<int?> _jobs = new("--jobs", "-j")
    {
        Description = "How many photos are refined at a time. Fewer need less memory. Default: one per processor.",
        HelpName = "N",
        CustomParser = result => Check.WholeNumber("--jobs")(result),
    };

    private readonly Option<bool> _limit = new("--limit") { Description = "Change nothing that is far from a mask's boundary." };
    private readonly Option<bool> _fallback = new("--fallback")
    {
        Description = "Keep masks whose refined ones are not likely better.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print a report in JSON at the end." };
    private readonly ModelOption _model = new();

    private CocoCommand()
    {
    }

    public static Command Create()
    {
        CocoCommand coco = new();
        Command command = new("coco", "Refine the masks of a COCO file, for example: spn coco photos/ instances.json -o refined.json")
        {
            coco._photos, coco._annotations, coco._output, coco._runs, coco._jobs, coco._limit, coco._fallback, coco._json, coco._model,
        };
        command.SetAction(coco.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        string photos = line.GetRequiredValue(_photos), annotations = line.GetRequiredValue(_annotations);
        string output = line.GetRequiredValue(_output);
        int jobs = line.GetValue(_jobs) ?? Environment.ProcessorCount;
        if (jobs < 1)
            throw new UsageException($"--jobs: expected 1 or more, got {jobs}.");
        if (!Directory.Exists(photos))
            throw new UsageException($"There is no folder '{photos}'.");
        if (annotations == InputFile.Standard || output == InputFile.Standard)
            throw new UsageException("spn coco reads and writes files; - is not supported.");
        OutputFile.RequireDistinct([output], [annotations]);

        InputFile input = await InputFile.ReadAsync(annotations, isMask: true, cancellation).ConfigureAwait(false);
        CocoFile file = CocoFile.Read(input.Bytes.Span, annotations);
        RefineSettings settings = new(
            _model.Read(line), IsHard: true, line.GetValue(_limit), line.GetValue(_fallback), AreLabels: false, new MaskOptions());
        using Refiner refiner = settings.Build(jobs);
        BatchCounter counter = new(file.Images.Count);
        CocoRun run = new(photos, refiner, line.GetValue(_runs), jobs);
        await BatchProgress.ShowAsync(counter, () => run.RunAsync(file, counter, cancellation)).ConfigureAwait(false);
        await OutputFile.WriteAsync(output, file.Write(), cancellation).ConfigureAwait(false);
        BatchCommand.Report(counter, line.GetValue(_json));
        return counter.Failures.Count > 0 ? ExitCode.Failed : ExitCode.Success;
    }
}
