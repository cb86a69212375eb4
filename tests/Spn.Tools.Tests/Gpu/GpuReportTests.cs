using System.Text.Json;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Model;
using Spn.GpuBenchmarks.Report;
using Xunit;

namespace Spn.Tools.Tests.Gpu;

/// <summary>The report of a check, made of what its stages would leave.</summary>
public sealed class GpuReportTests : IDisposable
{
    private const string Xml = """
        <assemblies><assembly total="4" passed="2" failed="1" skipped="1" errors="0"><collection>
          <test name="A" result="Pass" /><test name="B" result="Pass" />
          <test name="Broken.Kernel" result="Fail"><failure><message>off by | 0.5</message></failure></test>
          <test name="D" result="Skip"><reason>No second GPU.</reason></test>
        </collection></assembly></assemblies>
        """;

    private readonly TemporaryFolder _files = new();
    private readonly ReportFolder _folder;

    public GpuReportTests() => _folder = new ReportFolder(_files.Path);

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Everything_that_was_measured_is_in_both_forms()
    {
        Stages("gpu\t0\t1\t40", "kernels\t0\t60\t150");
        _folder.Write(Device);
        ReportFolder.Write(_folder.KernelFigures, Round(median: 110));
        ReportFolder.Write(_folder.KernelFigures, Round(median: 130) with { Case = "[1, 2, 3, 4] bf16" });
        ReportFolder.Write(_folder.LibtorchFigures, Figure(Section.TensorOps, "ops", 10) with { Baseline = new Timing(500, 400, 600, 5) });
        Assert.True(GpuReport.Of(_folder).Write());

        string text = File.ReadAllText(_folder.Markdown);
        Assert.Contains("Everything ran, and every result is correct.", text, StringComparison.Ordinal);
        Assert.Contains("| fp32 | 110.0 (100.0-120.0) | 3636 | 1.07 | 128.8 | yes | 3.0 | 50.0 | 100.0 | 400.0 | 64 | 2.08 | 160.0 | 1E-06 | a scheme |", text, StringComparison.Ordinal);
        Assert.Contains("| bf16 | 130.0 (100.0-120.0) | 3077 | 1.26 | 128.8 | **no** |", text, StringComparison.Ordinal);
        Assert.Contains("| ops | 10.0 (100.0-120.0) |  |  | 500.0 (400.0-600.0) | 50.0 |", text, StringComparison.Ordinal);
        Assert.Contains("1 of 2 with a limit meet it", text, StringComparison.Ordinal);
        Assert.Contains("| spn_forward | 64 | 8 | 2 | 18 |", text, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(_folder.Json));
        Assert.True(json.RootElement.GetProperty("succeeded").GetBoolean());
        Assert.Equal(4e6, json.RootElement.GetProperty("device").GetProperty("bandwidth").GetDouble());
        JsonElement figure = json.RootElement.GetProperty("figures")[1];
        Assert.False(figure.GetProperty("isMet").GetBoolean());
        Assert.Equal(103, figure.GetProperty("floor").GetProperty("microseconds").GetDouble());
    }

    [Fact]
    public void Tests_that_failed_are_named_and_fail_the_check()
    {
        Stages("tests-driver\t1\t5\t40");
        _folder.Write(Device);
        File.WriteAllText(_files.File("tests-driver.xml"), Xml);
        Assert.False(GpuReport.Of(_folder).Write());
        string text = File.ReadAllText(_folder.Markdown);
        Assert.Contains("| tests-driver | 2 | 1 | 1 |", text, StringComparison.Ordinal);
        Assert.Contains("**Broken.Kernel**: off by \\| 0.5", text, StringComparison.Ordinal);
        Assert.Contains("Skipped: No second GPU.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_result_meets_nothing_however_fast_it_is()
    {
        Stages("kernels\t0\t60\t150");
        _folder.Write(Device);
        ReportFolder.Write(_folder.KernelFigures, Round(median: 1) with { Error = double.NaN });
        Assert.False(GpuReport.Of(_folder).Write());
        Assert.Contains("| **wrong result** |", File.ReadAllText(_folder.Markdown), StringComparison.Ordinal);
        Assert.Contains("1 have incorrect results; 0 of 1 with a limit meet it", File.ReadAllText(_folder.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_failed_says_why()
    {
        Stages("kernels\t0\t60\t150");
        _folder.Write(Device);
        ReportFolder.Write(_folder.KernelFigures, new Figure { Section = Section.Rounds, Case = "[1, 2, 3, 4] fp32", Failure = "cuMemAlloc failed:\nout of memory" });
        ReportFolder.Write(_folder.KernelFigures, new Figure { Section = Section.Module, Case = "module", Failure = "no graphs" });
        Assert.False(GpuReport.Of(_folder).Write());
        Assert.Contains("| fp32 | cuMemAlloc failed: out of memory |", File.ReadAllText(_folder.Markdown), StringComparison.Ordinal);
        Assert.Contains("| no graphs |", File.ReadAllText(_folder.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void Interrupted_stages_keep_their_results()
    {
        Stages("kernels\t124\t150\t150", "libtorch\t139\t3\t70", "a line that is none");
        File.WriteAllText(_folder.Log("libtorch"), "loading\nSegmentation fault\n");
        _folder.Write(Device);
        ReportFolder.Write(_folder.KernelFigures, Round(median: 100));
        File.AppendAllText(_folder.KernelFigures, "{\"Section\":\"Rou");
        File.WriteAllText(_files.File("tests-driver.xml"), "<assemblies><assem");
        File.WriteAllText(_files.File("compiled-0.jsonl"), "{\"Name\":\"kernel\",\"Registers\":1,\"LocalBytes\":0,\"CompileMilliseconds\":5}\n{\"Na");
        GpuReport report = GpuReport.Of(_folder);
        Assert.False(report.Write());
        Assert.Single(report.Figures);
        Assert.Single(report.Compiled);
        string text = File.ReadAllText(_folder.Markdown);
        Assert.Contains("- Stage kernels: stopped after 150 s.", text, StringComparison.Ordinal);
        Assert.Contains("- Stage libtorch: ended by signal 11. Segmentation fault", text, StringComparison.Ordinal);
        Assert.Contains("| tests-driver | 0 | 1 | 0 |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stage_without_time_does_not_fail_the_check()
    {
        Stages("kernels\t0\t60\t150", "options\t124\t30\t30");
        _folder.Write(Device);
        Assert.True(GpuReport.Of(_folder).Write());
        string text = File.ReadAllText(_folder.Markdown);
        Assert.Contains("Some stages ran out of time. Every result is correct.", text, StringComparison.Ordinal);
        Assert.Contains("- Stage options: stopped after 30 s.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_folder_makes_a_report_that_says_so()
    {
        Assert.False(GpuReport.Of(_folder).Write());
        Assert.StartsWith("# Spn on no usable GPU", File.ReadAllText(_folder.Markdown), StringComparison.Ordinal);
    }

    [Fact]
    public void Quartiles_lie_between_the_runs_next_to_them()
    {
        Assert.Equal(new Timing(2.5, 1.75, 3.25, 4), Timing.Of([4, 1, 3, 2]));
        Assert.Equal(new Timing(7, 7, 7, 1), Timing.Of([7]));
        Assert.Equal(new Timing(5, 4, 6, 3), new Timing(50, 40, 60, 3).Per(10));
    }

    private static DeviceFacts Device => new()
    {
        Description = "A GPU", Architecture = 90, Multiprocessors = 132, L2Bytes = 60 << 20, MemoryBytes = 1L << 37, DriverVersion = 12080,
        Clock = 1980, MeasuredClock = 1900, DriverCopy = 4e6, KernelCopy = 3.9e6, Launch = 3,
    };

    private static Figure Round(double median) => Figure(Section.Rounds, "[1, 2, 3, 4] fp32", median) with
    {
        Cost = new RoundCost("a scheme", 1, 64, 99_000, 400e6, 160e6), Floor = new Floor(3, 50, 100, 40), Allowed = 1.25 * 103, Error = 1e-6, Tolerance = 1e-5,
        Kernels = [new KernelFigure("spn_forward", 64, 8, Blocks: 2, Warps: 18)],
    };

    private static Figure Figure(Section section, string name, double median) => new() { Section = section, Case = name, Time = new Timing(median, 100, 120, 25) };

    private void Stages(params string[] lines) => File.WriteAllLines(_folder.Stages, lines);
}
