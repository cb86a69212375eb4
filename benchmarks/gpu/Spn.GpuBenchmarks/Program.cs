using Spn.Diagnostics;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Libtorch;
using Spn.GpuBenchmarks.Report;
using Spn.GpuBenchmarks.Rounds;
using Spn.Torch;
using TorchSharp;

// The stages of ../check, each of which runs in a separate process:
//   gpu                            describes the GPU, or says why none can be used
//   system                         describes the libtorch that Spn finds
//   compile FOLDER PART PARTS      compiles a part of the kernels into the user's cache
//   kernels FOLDER                 measures everything that needs no libtorch; exit code 75 requests another process to continue
//   libtorch FOLDER                measures everything that needs libtorch
//   report FOLDER                  writes report.md and report.json from the results in the folder
const int Bad = 1, Usage = 2, Again = 75;
switch (args)
{
    case ["gpu"]:
        return Needs(Gpu.Run(gpu => Console.WriteLine(gpu.Kernels.Description)));
    case ["system"]:
        Console.Write(SpnDiagnostics.Describe());
        return 0;
    case ["compile", string path, string part, string parts]:
        var compiled = new ReportFolder(path);
        return Needs(Gpu.Run(
            gpu => KernelWarmup.Run(gpu, int.Parse(part), int.Parse(parts), kernel => compiled.WriteCompiled(int.Parse(part), kernel))));
    case ["kernels", string path]:
        return Kernels(new ReportFolder(path));
    case ["libtorch", string path]:
        return Libtorch(new ReportFolder(path));
    case ["report", string path]:
        return GpuReport.Of(new ReportFolder(path)).Write() ? 0 : Bad;
    default:
        Console.Error.WriteLine("Expected: gpu | system | compile FOLDER PART PARTS | kernels FOLDER | libtorch FOLDER | report FOLDER");
        return Usage;
}

static int Needs(string? obstacle)
{
    if (obstacle is not null)
        Console.Error.WriteLine($"No GPU can be used: {obstacle}.");
    return obstacle is null ? 0 : Bad;
}

static int Kernels(ReportFolder folder)
{
    return Needs(Gpu.Run(gpu =>
    {
        using var timer = new GpuTimer(gpu);
        DeviceFacts device = DeviceMeasurement.Measure(gpu, timer);
        folder.Write(device);
        if (!new KernelBenchmarks(gpu, timer, device, ReportFolder.Figures(folder.KernelFigures), Print(folder.KernelFigures)).Run())
            Environment.Exit(Again); // after a fault, even memory cannot be freed
    }));
}

static int Libtorch(ReportFolder folder)
{
    NativeLibraries.EnsureLoaded();
    if (!torch.cuda.is_available())
        return Needs(SpnDiagnostics.Describe().Cuda);
    Console.Write(SpnDiagnostics.Describe());
    new LibtorchBenchmarks(torch.CUDA, Print(folder.LibtorchFigures)).Run();
    return 0;
}

static Action<Figure> Print(string file) => figure =>
{
    ReportFolder.Write(file, figure);
    Console.WriteLine($"{figure.Section}: {figure.Case}: {MarkdownReport.Outcome(figure)}");
};
