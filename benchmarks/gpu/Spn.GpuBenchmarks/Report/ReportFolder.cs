using System.Text.Json;

namespace Spn.GpuBenchmarks.Report;

/// <summary>The folder that a check fills: what each stage leaves, and in the end the report.</summary>
internal sealed class ReportFolder(string path)
{
    public string Markdown => File("report.md");

    public string Json => File("report.json");

    /// <summary>A line a stage: name, exit code, seconds, limit in seconds, separated by tabs.</summary>
    public string Stages => File("stages.tsv");

    public string KernelFigures => File("figures-kernels.jsonl");

    public string LibtorchFigures => File("figures-libtorch.jsonl");

    public IEnumerable<string> TestResults => Directory.Exists(path) ? Directory.GetFiles(path, "tests-*.xml").Order(StringComparer.Ordinal) : [];

    /// <summary>A stage's output.</summary>
    public string Log(string stage) => File($"{stage}.log");

    public DeviceFacts? Device
        => System.IO.File.Exists(DeviceFile) ? JsonSerializer.Deserialize(System.IO.File.ReadAllText(DeviceFile), LineJson.Default.DeviceFacts) : null;

    private string DeviceFile => File("device.json");

    /// <summary>Every kernel that was compiled ahead, from all processes that shared the work.</summary>
    public IEnumerable<KernelFigure> Compiled
        => Directory.GetFiles(path, "compiled-*.jsonl").Order(StringComparer.Ordinal).SelectMany(System.IO.File.ReadLines)
            .Select(line => JsonSerializer.Deserialize(line, LineJson.Default.KernelFigure)!);

    public void Write(DeviceFacts device) => AtomicFile.Write(DeviceFile, JsonSerializer.Serialize(device, LineJson.Default.DeviceFacts));

    public void WriteCompiled(int part, KernelFigure kernel)
        => System.IO.File.AppendAllText(File($"compiled-{part}.jsonl"), JsonSerializer.Serialize(kernel, LineJson.Default.KernelFigure) + "\n");

    private string File(string name) => Path.Combine(path, name);
}
