using Spn.Propagation.Cuda.Driver;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

public sealed class NvrtcFilesTests
{
    [Theory]
    [InlineData("libnvrtc-b51b459d.so.12")] // TorchSharp-cuda-linux
    [InlineData("libnvrtc.so.13")] // Python, toolkit
    [InlineData("libnvrtc.so.12.8.93")]
    [InlineData("nvrtc64_120_0.dll")] // TorchSharp-cuda-windows
    public void Knows_the_compiler_by_its_names(string file)
    {
        using TemporaryFolder folder = new();
        string nvrtc = folder.File(file, []);
        foreach (string other in (string[])["libnvrtc-builtins.so", "libnvrtc-builtins-4c2f.so.12.8", "libnvrtc-builtins.so.12.8", "libnvrtc.alt.so.12", "libnvrtc_static.a",
                     "nvrtc-builtins64_128.dll", "nvrtc64_120_0.alt.dll", "libcudart.so.12", "libnvrtc.txt"])
            folder.File(other, []);
        Assert.Equal([nvrtc], NvrtcFiles.In(folder.Path));
        NvrtcFiles.LoadBuiltins(nvrtc); // files that are no libraries do no harm
    }

    [Fact]
    public void Lists_the_newest_of_a_folder_first_and_ignores_a_missing_folder()
    {
        using TemporaryFolder folder = new();
        string twelve = folder.File("libnvrtc.so.12", []), thirteen = folder.File("libnvrtc.so.13", []);
        Assert.Equal([thirteen, twelve], NvrtcFiles.In(folder.Path));
        Assert.Empty(NvrtcFiles.In(folder.File("none")));
    }

    [Fact]
    public void Searches_libtorchs_folder_then_Python_packages_then_the_environments_folders()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux's variables.");
        using TemporaryFolder root = new();
        string Library(string folder)
        {
            Directory.CreateDirectory(root.File(folder));
            return root.File(Path.Combine(folder, "libnvrtc.so.12"), []);
        }

        string[] expected =
        [
            Library("site-packages/torch/lib"), Library("site-packages/nvidia/cuda_nvrtc/lib"), Library("searched"), Library("toolkit/lib64"),
        ];
        string? Variable(string name) => name switch
        {
            "LD_LIBRARY_PATH" => $"relative:{root.File("searched")}:/no/such/folder",
            "CUDA_PATH" => root.File("toolkit"),
            _ => null,
        };
        string[] found = [.. NvrtcFiles.Candidates(root.File("site-packages/torch/lib"), Variable)];
        Assert.Equal(expected, found.Where(path => path.StartsWith(root.Path, StringComparison.Ordinal)));
        Assert.Equal(["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"], found[^4..]);
    }

    [Fact]
    public void The_users_choice_is_the_only_candidate()
        => Assert.Equal(["/my/libnvrtc.so"], NvrtcFiles.Candidates("/torch/lib", name => name == "SPN_NVRTC" ? "/my/libnvrtc.so" : null));
}
