using Spn.Propagation.Cuda.Driver;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

public sealed class KernelCacheTests
{
    [Fact]
    public void A_second_process_compiles_nothing()
    {
        using FakeGpu gpu = new();
        FakeGpu.Launch(gpu.Device());
        string entry = Assert.Single(gpu.Cached);
        Assert.Matches("^forward-sm_90-[0-9a-f]{64}\\.kernel$", Path.GetFileName(entry));
        FakeGpu.Launch(gpu.Device());
        Assert.Single(gpu.Nvrtc.CallsOf("nvrtcCompileProgram"));
        Assert.Equal(2, gpu.Driver.CallsOf("cuLaunchKernel").Length);
    }

    [Fact]
    public void Everything_that_affects_the_result_has_a_separate_entry()
    {
        using FakeGpu gpu = new();
        FakeGpu.Launch(gpu.Device());
        FakeGpu.Launch(gpu.Device(), FakeGpu.Merge);
        FakeGpu.Launch(gpu.Device(), FakeGpu.Forward with { Defines = "SPN_SCALAR=0 SPN_PIXELS=2" });
        gpu.Driver.Set("architecture", 80);
        FakeGpu.Launch(gpu.Device());
        gpu.Nvrtc.Set("minor", 6);
        FakeGpu.Launch(gpu.Device());
        Assert.Equal(5, gpu.Nvrtc.CallsOf("nvrtcCompileProgram").Length);
        Assert.Equal(5, gpu.Cached.Length);
    }

    [Theory]
    [InlineData(0)] // emptied
    [InlineData(20)] // cut inside the hash
    [InlineData(40)] // cut inside the kernel
    [InlineData(-1)] // a byte changed
    public void A_damaged_entry_is_compiled_again_and_replaced(int length)
    {
        using FakeGpu gpu = new();
        FakeGpu.Launch(gpu.Device());
        string entry = Assert.Single(gpu.Cached);
        byte[] whole = File.ReadAllBytes(entry), damaged = length < 0 ? [.. whole] : whole[..length];
        if (length < 0)
            damaged[^3] ^= 1;
        File.WriteAllBytes(entry, damaged);

        FakeGpu.Launch(gpu.Device());
        Assert.Equal(2, gpu.Nvrtc.CallsOf("nvrtcCompileProgram").Length);
        Assert.Equal(whole, File.ReadAllBytes(Assert.Single(gpu.Cached)));
    }

    [Fact]
    public void An_entry_that_the_driver_refuses_is_compiled_again_and_replaced()
    {
        using FakeGpu gpu = new();
        FakeGpu.Launch(gpu.Device());
        string entry = Assert.Single(gpu.Cached);
        byte[] whole = File.ReadAllBytes(entry);
        new KernelCache(gpu.CacheFolder).Write(Path.GetFileNameWithoutExtension(entry), "no image"u8.ToArray());

        FakeGpu.Launch(gpu.Device());
        Assert.Equal(3, gpu.Driver.CallsOf("cuModuleLoadDataEx").Length);
        Assert.Equal(whole, File.ReadAllBytes(entry));
    }

    [Fact]
    public void A_device_without_memory_says_so_and_compiles_nothing_in_vain()
    {
        using FakeGpu gpu = new();
        FakeGpu.Launch(gpu.Device());
        gpu.Driver.Set("cuModuleLoadDataEx", 2);
        Assert.Throws<Spn.Propagation.CudaException>(() => FakeGpu.Launch(gpu.Device()));
        Assert.Single(gpu.Nvrtc.CallsOf("nvrtcCompileProgram"));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_no_error()
    {
        using FakeGpu gpu = new();
        // A file where the folder should be; root may write anywhere else.
        File.WriteAllText(gpu.CacheFolder, "");
        FakeGpu.Launch(gpu.Device());
        FakeGpu.Launch(gpu.Device());
        Assert.Equal(2, gpu.Nvrtc.CallsOf("nvrtcCompileProgram").Length);

        // A folder where the entry should be.
        string elsewhere = gpu.CacheFolder + "2";
        CudaDevice device = gpu.Device(elsewhere);
        FakeGpu.Launch(device, FakeGpu.Merge);
        string entry = Assert.Single(Directory.GetFiles(elsewhere));
        File.Delete(entry);
        Directory.CreateDirectory(entry);
        FakeGpu.Launch(gpu.Device(elsewhere), FakeGpu.Merge);
        Assert.Empty(Directory.GetFiles(elsewhere));
        new KernelCache(null).Write("key", [1]);
        Assert.Null(new KernelCache(null).Read("key"));
    }

    [Fact]
    public async Task Any_number_of_processes_share_the_folder()
    {
        using FakeGpu gpu = new();
        // Each has separate devices, so they share only the folder.
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 10; i++)
                FakeGpu.Launch(gpu.Device(), FakeGpu.Forward with { Defines = $"SPN_SCALAR={i}" });
        })));
        Assert.Equal(80, gpu.Driver.CallsOf("cuLaunchKernel").Length);
        Assert.Equal(10, gpu.Cached.Length);
        int compiled = gpu.Nvrtc.CallsOf("nvrtcCompileProgram").Length;
        for (int i = 0; i < 10; i++)
            FakeGpu.Launch(gpu.Device(), FakeGpu.Forward with { Defines = $"SPN_SCALAR={i}" });
        Assert.Equal(compiled, gpu.Nvrtc.CallsOf("nvrtcCompileProgram").Length);
    }

    [Fact]
    public void The_users_folder_follows_the_systems_custom()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix's custom.");
        string? folder = KernelCache.UserFolder;
        if (folder is not null)
            Assert.EndsWith(Path.Combine("spn", "kernels"), folder, StringComparison.Ordinal);
    }
}
