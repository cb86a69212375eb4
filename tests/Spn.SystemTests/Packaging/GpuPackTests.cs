using System.Text.Json;
using Spn.Models;
using Spn.Propagation.Cuda.Driver;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.SystemTests.Packaging;

/// <summary>The archive for a GPU machine: packed, unpacked, and run up to where it asks for a driver.</summary>
public sealed class GpuPackTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spn-gpu-pack-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Packs_and_checks_up_to_the_driver()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The archive is for Linux.");
        Assert.SkipWhen(CudaDevices.Shared.CanRun(0, torch.ScalarType.Float32, out _, out _), "There is a GPU here, on which the check would take minutes.");
        string archive = Path.Combine(_folder.FullName, "spn-gpu-check.tar.xz"), gpu = Path.Combine(Repository.Root(), "benchmarks", "gpu");
        ChildProcess packed = await ChildProcess.Run(Path.Combine(gpu, "pack"), [archive], _folder.FullName);
        Assert.True(packed.ExitCode == 0, packed.Output);
        Assert.InRange(new FileInfo(archive).Length, 1, 30_000_000);
        ChildProcess unpacked = await ChildProcess.Run("tar", ["-xf", archive], _folder.FullName);
        Assert.True(unpacked.ExitCode == 0, unpacked.Output);

        await Reports_that_there_is_no_driver();
        await Finds_the_libtorch_that_fits();
        await Trains();
    }

    [Fact]
    public async Task Without_anything_to_run_the_report_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The check is for Linux.");
        string gpu = Directory.CreateDirectory(Path.Combine(_folder.FullName, "benchmarks", "gpu")).FullName;
        File.Copy(Path.Combine(Repository.Root(), "benchmarks", "gpu", "check"), Path.Combine(gpu, "check"));
        ChildProcess check = await ChildProcess.Run("bash", [Path.Combine(gpu, "check"), "report"], _folder.FullName, new() { ["PATH"] = "/usr/bin:/bin" });
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("neither a .NET SDK that can pack nor", Report("report.md"), StringComparison.Ordinal);
        Assert.False(JsonDocument.Parse(Report("report.json")).RootElement.GetProperty("succeeded").GetBoolean());
    }

    // Without .NET: neither on the path nor where a program would look for a runtime.
    private async Task<ChildProcess> Check(string path, Dictionary<string, string>? environment = null)
        => await ChildProcess.Run(
            Path.Combine(_folder.FullName, "spn-gpu-check", "check"), ["report"], _folder.FullName,
            new(environment ?? []) { ["PATH"] = path, ["DOTNET_ROOT"] = "/nonexistent", ["HOME"] = _folder.FullName, ["NUGET_PACKAGES"] = "/nonexistent" });

    private async Task Trains()
    {
        string libtorch = Path.GetDirectoryName(Directory.EnumerateFiles(AppContext.BaseDirectory, "libtorch_cpu.so", SearchOption.AllDirectories).First())!;
        ChildProcess train = await ChildProcess.Run(
            Path.Combine(_folder.FullName, "spn-gpu-check", "train"),
            ["--scenes", "1", "--scene-pool", "4", "--steps", "2", "--batch", "2", "--masks", "1", "--device", "cpu", "--run", "run", "--out", "trained.safetensors"],
            _folder.FullName,
            new() { ["SPN_LIBTORCH"] = libtorch, ["DOTNET_ROOT"] = "/nonexistent" });
        Assert.True(train.ExitCode == 0, train.Output);
        using SpnModule trained = SpnModule.Load(Path.Combine(_folder.FullName, "trained.safetensors"));
        Assert.Equal(SpnConfiguration.Fast, trained.Configuration);
    }

    private async Task Reports_that_there_is_no_driver()
    {
        ChildProcess check = await Check("/usr/bin:/bin");
        Assert.True(check.ExitCode == 1, check.Output);
        string text = Report("report.md");
        Assert.StartsWith("# Spn on no usable GPU", text, StringComparison.Ordinal);
        Assert.Contains("- Stage gpu: exit code 1. No GPU can be used: ", text, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(Report("report.json"));
        Assert.False(json.RootElement.GetProperty("succeeded").GetBoolean());
        JsonElement tests = json.RootElement.GetProperty("tests")[0];
        Assert.Equal(0, tests.GetProperty("failed").GetInt32());
        Assert.True(tests.GetProperty("skipped").GetInt32() > 0, text);
    }

    private async Task Finds_the_libtorch_that_fits()
    {
        // Two Pythons, the first on the path with a PyTorch that is too old.
        string old = Python("old", "2.6.0+cu124"), fits = Python("fits", "2.10.1+cu128");
        ChildProcess check = await Check($"{old}/bin:{fits}/bin:/usr/bin:/bin", new() { ["VIRTUAL_ENV"] = "", ["CONDA_PREFIX"] = "" });
        Assert.Contains($"libtorch: {fits}/site/torch/lib\n", check.Output, StringComparison.Ordinal);
        Assert.Contains($"{fits}/site/nvidia/cuda_nvrtc/lib", check.Output, StringComparison.Ordinal);
    }

    /// <summary>What looks like a Python whose packages have a PyTorch.</summary>
    private string Python(string name, string version)
    {
        string root = Path.Combine(_folder.FullName, name), torch = Path.Combine(root, "site", "torch"), nvrtc = Path.Combine(root, "site", "nvidia", "cuda_nvrtc", "lib");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        Directory.CreateDirectory(Path.Combine(torch, "lib"));
        Directory.CreateDirectory(nvrtc);
        File.WriteAllText(Path.Combine(torch, "version.py"), $"from typing import Optional\n__version__ = '{version}'\n");
        File.WriteAllText(Path.Combine(torch, "lib", "libtorch_cuda.so"), "");
        File.WriteAllText(Path.Combine(nvrtc, "libnvrtc.so.12"), "");
        string program = Path.Combine(root, "bin", "python3");
        File.WriteAllText(program, $"#!/bin/sh\necho {root}/site\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return root;
    }

    private string Report(string file) => File.ReadAllText(Path.Combine(_folder.FullName, "report", file));
}
