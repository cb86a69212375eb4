using System.Text.Json;
using Spn.Shared;

namespace Spn.GpuBenchmarks.Report;

/// <summary>The folder of a check, which contains the results of all stages and the final report.</summary>
internal sealed class ReportFolder(string path)
{
    public string Markdown => Named("report.md");

    public string Json => Named("report.json");

    /// <summary>One line per stage: name, exit code, duration and limit in seconds, separated by tabs.</summary>
    public string Stages => Named("stages.tsv");

    public string KernelFigures => Named("figures-kernels.jsonl");

    public string LibtorchFigures => Named("figures-libtorch.jsonl");

    public IEnumerable<string> TestResults => Files("tests-*.xml");

    /// <summary>The output of a stage.</summary>
    public string Log(string stage) => Named($"{stage}.log");

    public DeviceFacts? Device
        => File.Exists(DeviceFile) ? JsonSerializer.Deserialize(File.ReadAllText(DeviceFile), LineJson.Default.DeviceFacts) : null;

    /// <summary>All kernels that were compiled ahead, by all processes that shared the work.</summary>
    public IEnumerable<KernelFigure> Compiled
        => Files("compiled-*.jsonl").SelectMany(file => JsonLines.Read(file, LineJson.Default.KernelFigure));

    private string DeviceFile => Named("device.json");

    public static IReadOnlyList<Figure> Figures(string file) => JsonLines.Read(file, LineJson.Default.Figure);

    public static void Write(string file, Figure figure) => JsonLines.Append(file, figure, LineJson.Default.Figure);

    public void Write(DeviceFacts device) => AtomicFile.Write(DeviceFile, JsonSerializer.Serialize(device, LineJson.Default.DeviceFacts));

    public void WriteCompiled(int part, KernelFigure kernel)
        => JsonLines.Append(Named($"compiled-{part}.jsonl"), kernel, LineJson.Default.KernelFigure);

    private string Named(string name) => Path.Combine(path, name);

    private IEnumerable<string> Files(string pattern)
        => Directory.Exists(path) ? Directory.GetFiles(path, pattern).Order(StringComparer.Ordinal) : [];
}
