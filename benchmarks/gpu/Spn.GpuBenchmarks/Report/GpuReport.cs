using System.Text.Json;
using System.Text.Json.Serialization;
using Spn.Shared;

namespace Spn.GpuBenchmarks.Report;

/// <summary>All results of a check.</summary>
internal sealed record GpuReport
{
    public required string Date { get; init; }

    /// <summary><see langword="null"/> if no GPU could be measured.</summary>
    public DeviceFacts? Device { get; init; }

    public required IReadOnlyList<StageResult> Stages { get; init; }

    public required IReadOnlyList<TestResults> Tests { get; init; }

    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>The kernels that were compiled ahead.</summary>
    public required IReadOnlyList<KernelFigure> Compiled { get; init; }

    /// <summary>The output of the stages, by their names.</summary>
    public required IReadOnlyDictionary<string, string> Texts { get; init; }

    /// <summary>Whether no stage, test or measurement failed and no result was incorrect, independent of all times.</summary>
    public bool Succeeded => Stages.Count > 0 && Stages.All(stage => stage.Succeeded || stage.RanOutOfTime)
        && Tests.All(tests => tests.Failed == 0) && Device is not null && Figures.All(figure => figure.Failure is null && figure.IsRight != false);

    /// <summary>Whether every stage finished in its time.</summary>
    public bool IsComplete => Stages.All(stage => stage.Succeeded);

    private ReportFolder? Folder { get; init; }

    /// <summary>Reads the results of the stages and skips those that are missing or damaged.</summary>
    public static GpuReport Of(ReportFolder folder)
    {
        IReadOnlyList<StageResult> stages = StageResult.Read(folder.Stages);
        return new GpuReport
        {
            Folder = folder,
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture),
            Device = folder.Device,
            Stages = stages,
            Tests = [.. folder.TestResults.Select(TestResults.Read)],
            Figures = [.. ReportFolder.Figures(folder.KernelFigures), .. ReportFolder.Figures(folder.LibtorchFigures)],
            Compiled = [.. folder.Compiled],
            Texts = stages.Select(stage => stage.Name).Prepend("machine").Distinct().Where(name => File.Exists(folder.Log(name)))
                .ToDictionary(name => name, name => Tail(folder.Log(name))),
        };
    }

    /// <summary>Writes the report in both formats.</summary>
    /// <returns>Whether the check succeeded.</returns>
    public bool Write()
    {
        AtomicFile.Write(Folder!.Json, JsonSerializer.Serialize(this, ReportJson.Default.GpuReport));
        AtomicFile.Write(Folder.Markdown, MarkdownReport.Of(this));
        return Succeeded;
    }

    private static string Tail(string log)
    {
        const int MaxLength = 8000;
        string text = File.ReadAllText(log);
        return text.Length <= MaxLength ? text : "…" + text[^MaxLength..];
    }
}

/// <summary>The serialisation of the report.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GpuReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
