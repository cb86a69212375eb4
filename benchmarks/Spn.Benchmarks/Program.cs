using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;
using Spn;
using Spn.Benchmarks;

// dotnet run -c Release --project benchmarks/Spn.Benchmarks [-- report.md]: everything in one run, one table.
IConfig config = DefaultConfig.Instance
    .WithOptions(ConfigOptions.DisableOptimizationsValidator)
    .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
        .WithWarmupCount(3).WithIterationCount(15).WithIterationTime(TimeInterval.FromMilliseconds(100)));
var copy = BenchmarkRunner.Run<CopyBenchmarks>(config);
var layout = BenchmarkRunner.Run<LayoutBenchmarks>(config);
var propagation = BenchmarkRunner.Run<PropagationBenchmarks>(config);
string report = new PropagationReport(propagation, layout, copy).Markdown();
string path = args.Length > 0 ? args[0] : "propagation-cpu.md";
AtomicFile.Write(path, report);
Console.WriteLine(report);
