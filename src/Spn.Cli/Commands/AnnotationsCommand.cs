using System.CommandLine;
using Spn.Cli.Annotations;
using Spn.Cli.Batch;
using Spn.Cli.Files;
using Spn.Cli.Output;

namespace Spn.Cli.Commands;

/// <summary><c>spn annotations</c>: the masks in a file of an annotation tool.</summary>
internal sealed class AnnotationsCommand
{
    private readonly Argument<string> _photos = new("photos") { Description = "The folder that contains the photos." };
    private readonly Argument<string> _annotations = new("file") { Description = "The annotations: polygons, masks and brushes." };

    private readonly Option<string> _output = new("--output", "-o")
    {
        Description = "The file with the refined masks, in the same format.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string?> _format = new("--format")
    {
        Description = "The format of the file. Default: detected from its content.",
        HelpName = string.Join('|', AnnotationFormat.All),
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

    private AnnotationsCommand()
    {
        _format.CompletionSources.Add(AnnotationFormat.All);
        _format.Validators.Add(result => Check.OneOf(result, "--format", result.Tokens, AnnotationFormat.All));
    }

    public static Command Create()
    {
        AnnotationsCommand annotations = new();
        Command command = new(
            "annotations",
            "Refine the masks of a COCO, Label Studio or CVAT file, for example: spn annotations photos/ instances.json -o refined.json")
        {
            annotations._photos, annotations._annotations, annotations._output, annotations._format, annotations._runs, annotations._jobs,
            annotations._limit, annotations._fallback, annotations._json, annotations._model,
        };
        command.SetAction(annotations.RunAsync);
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
            throw new UsageException("spn annotations reads and writes files; - is not supported.");
        OutputFile.RequireDistinct([output], [annotations]);

        InputFile input = await InputFile.ReadAsync(annotations, isMask: true, cancellation).ConfigureAwait(false);
        string format = line.GetValue(_format) ?? AnnotationFormat.Detect(input.Bytes.Span);
        if (format == AnnotationFormat.LabelStudio && line.GetValue(_runs))
            throw new UsageException("--rle cannot be used with Label Studio's files: its brushes and polygons belong to different tags.");
        IAnnotationFile file = AnnotationFormat.Read(format, input.Bytes, annotations);
        RefineSettings settings = new(
            _model.Read(line), IsHard: true, line.GetValue(_limit), line.GetValue(_fallback), AreLabels: false, new MaskOptions());
        using Refiner refiner = settings.Build(jobs);
        BatchCounter counter = new(file.Images.Count);
        AnnotationRun run = new(photos, refiner, line.GetValue(_runs), jobs);
        await BatchProgress.ShowAsync(counter, () => run.RunAsync(file, counter, cancellation)).ConfigureAwait(false);
        await OutputFile.WriteAsync(output, file.Write(), cancellation).ConfigureAwait(false);
        BatchCommand.Report(counter, line.GetValue(_json));
        return counter.Failures.Count > 0 ? ExitCode.Failed : ExitCode.Success;
    }
}
