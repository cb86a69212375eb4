using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Spn.Benchmarks;
using Spn.Shared;

// dotnet run -c Release --project benchmarks/Spn.Benchmarks [-- report.md]: all cases of the propagation.
// dotnet run -c Release --project benchmarks/Spn.Benchmarks -- inference [report.md]: the built-in model.
// dotnet run -c Release --project benchmarks/Spn.Benchmarks -- sizes [report.md]: time and memory of the built-in models by image size.
// dotnet run -c Release --project benchmarks/Spn.Benchmarks -- crf [report.md]: the dense CRF.
// dotnet run -c Release --project benchmarks/Spn.Benchmarks -- cutouts [report.md]: the time of cut-outs by image size.
IConfig config = DefaultConfig.Instance
    .WithOptions(ConfigOptions.DisableOptimizationsValidator)
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(3).WithIterationCount(15).WithIterationTime(TimeInterval.FromMilliseconds(100)));
if (args is ["inference", ..])
{
    var inference = new InferenceReport(BenchmarkRunner.Run<InferenceBenchmarks>(config), BenchmarkRunner.Run<CopyBenchmarks>(config));
    Write(args.ElementAtOrDefault(1) ?? "inference-cpu.md", inference.Markdown());
    return;
}
if (args is ["sizes", ..])
{
    Write(args.ElementAtOrDefault(1) ?? "sizes-cpu.md", SizeReport.Markdown());
    return;
}
if (args is ["crf", ..])
{
    Write(args.ElementAtOrDefault(1) ?? "dense-crf-cpu.md", CrfReport.Markdown());
    return;
}
if (args is ["cutouts", ..])
{
    Write(args.ElementAtOrDefault(1) ?? "cut-outs-cpu.md", CutOutReport.Markdown());
    return;
}
if (args is ["size", string model, _, _, _])
{
    int[] row = [.. args[2..].Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
    Console.WriteLine(SizeReport.Row(model, row[0], row[1], row[2]));
    return;
}

var copy = BenchmarkRunner.Run<CopyBenchmarks>(config);
var layout = BenchmarkRunner.Run<LayoutBenchmarks>(config);
var propagation = BenchmarkRunner.Run<PropagationBenchmarks>(config);
Write(args.ElementAtOrDefault(0) ?? "propagation-cpu.md", new PropagationReport(propagation, layout, copy).Markdown());

static void Write(string path, string report)
{
    AtomicFile.Write(path, report);
    Console.WriteLine(report);
}
