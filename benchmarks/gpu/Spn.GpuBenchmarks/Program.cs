using Spn.Diagnostics;
using Spn.GpuBenchmarks;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Libtorch;
using Spn.GpuBenchmarks.Report;
using Spn.GpuBenchmarks.Rounds;
using Spn.Propagation.Cuda;
using Spn.Torch;
using TorchSharp;

// The stages of ../check, each of which runs in a separate process:
//   gpu                            describes the GPU, or says why none can be used
//   system                         describes the libtorch that Spn finds
//   compile FOLDER PART PARTS      compiles a part of the kernels into the user's cache: of the measurements and of most tests
//   compile-options FOLDER PART PARTS   the same for the tests of every option
//   kernels FOLDER                 measures everything that needs no libtorch; exit code 75 requests another process to continue
//   cubins FOLDER                  writes the measured kernels, to be studied elsewhere
//   profile CASE                   runs a round of the report five times, for a profiler; without a case, lists them
//   libtorch FOLDER                measures everything that needs libtorch
//   report FOLDER                  writes report.md and report.json from the results in the folder
switch (args)
{
    case ["gpu"]:
        return Needs(Gpu.Run(gpu => Console.WriteLine(gpu.Kernels.Description)));
    case ["system"]:
        Console.Write(SpnDiagnostics.Describe());
        return 0;
    case ["compile" or "compile-options", string path, string part, string parts]:
        var compiled = new ReportFolder(path);
        return Needs(Gpu.Run(gpu =>
        {
            CudaLimits limits = gpu.Kernels.Limits;
            KernelWarmup.Run(
                gpu, args[0] == "compile" ? KernelWarmup.All(limits) : KernelWarmup.Options(limits), int.Parse(part), int.Parse(parts),
                kernel => compiled.WriteCompiled(int.Parse(part), kernel));
        }));
    case ["kernels", string path]:
        return Kernels(new ReportFolder(path));
    case ["cubins", string path]:
        return Needs(Gpu.Run(gpu => Cubins(gpu, path)));
    case ["profile"]:
        foreach (RoundCase round in RoundCase.All())
            Console.WriteLine(round);
        return 0;
    case ["profile", string name]:
        return Profile(name);
    case ["libtorch", string path]:
        return Libtorch(new ReportFolder(path));
    case ["report", string path]:
        return GpuReport.Of(new ReportFolder(path)).Write() ? 0 : ExitCode.Bad;
    default:
        Console.Error.WriteLine(
            "Expected: gpu | system | compile[-options] FOLDER PART PARTS | kernels FOLDER | cubins FOLDER | profile [CASE] | " +
            "libtorch FOLDER | report FOLDER");
        return ExitCode.Usage;
}

static int Needs(string? obstacle)
{
    if (obstacle is not null)
        Console.Error.WriteLine($"No GPU can be used: {obstacle}.");
    return obstacle is null ? 0 : ExitCode.Bad;
}

static int Kernels(ReportFolder folder)
{
    return Needs(Gpu.Run(gpu =>
    {
        using var timer = new GpuTimer(gpu);
        DeviceFacts device = DeviceMeasurement.Measure(gpu, timer);
        folder.Write(device);
        if (!new KernelBenchmarks(gpu, timer, device, ReportFolder.Figures(folder.KernelFigures), Print(folder.KernelFigures)).Run())
            Environment.Exit(ExitCode.Again); // after a fault, even memory cannot be freed
    }));
}

static void Cubins(Gpu gpu, string folder)
{
    int number = 0;
    foreach (CudaKernel kernel in KernelWarmup.Measured(gpu.Kernels.Limits))
    {
        string path = Path.Combine(Directory.CreateDirectory(folder).FullName, $"{number++:D2}-{kernel.Entry}");
        File.WriteAllBytes($"{path}.cubin", gpu.Inspector.Image(kernel));
        File.WriteAllText($"{path}.txt", $"{kernel}\n");
    }
}

static int Profile(string name)
{
    const int Runs = 5;
    if (RoundCase.All().FirstOrDefault(round => round.ToString() == name) is not { } round)
    {
        Console.Error.WriteLine($"There is no case '{name}'. `profile` lists them.");
        return ExitCode.Usage;
    }

    return Needs(Gpu.Run(gpu =>
    {
        using var profiled = new Round(gpu, round);
        profiled.Forward();
        for (int i = 0; i < Runs; i++)
            profiled.Enqueue();
        gpu.Synchronize();
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
