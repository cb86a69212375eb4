using Spn.Propagation;
using Spn.GpuDriver;
using Spn.Propagation.Cuda.Driver;
using Xunit;

namespace Spn.Cuda.Tests.Driver;

public sealed unsafe class DriverMemoryTests
{
    [Fact]
    public void Moves_bytes_and_keeps_time()
    {
        using FakeGpu gpu = new();
        PrimaryContext context = gpu.Device().Context;
        var memory = new DriverMemory(context.Driver);
        context.Run(() =>
        {
            nint a = memory.Allocate(8), b = memory.Allocate(8);
            byte[] bytes = [1, 2, 3, 4, 5, 6, 7, 8], back = new byte[8];
            fixed (byte* from = bytes, to = back)
            {
                memory.Upload(a, from, 8);
                memory.Copy(b, a, 8, 0x99);
                memory.Fill(b, 9, 2, 0x98);
                memory.Download(to, b, 8);
            }

            Assert.Equal([9, 9, 3, 4, 5, 6, 7, 8], back);
            memory.Free(a);
            memory.Free(b);
            Assert.Equal((3L, 5L), memory.Info());

            nint start = memory.CreateEvent();
            memory.Record(start, 0x97);
            memory.Wait(start);
            Assert.Equal(1.5f, memory.Milliseconds(start, 0xe001));
            memory.DestroyEvent(start);
            memory.Synchronize(0x96);
        });
        string[] calls = gpu.Driver.Calls[^11..];
        Assert.Equal(
            ["cuMemAlloc 8", "cuMemcpyDtoDAsync 0x99", "cuMemsetD8Async 0x98", "cuMemFree", "cuMemFree", "cuEventCreate 0", "cuEventRecord 0xe000 0x97",
                "cuEventSynchronize 0xe000", "cuEventElapsedTime 0xe000 0xe001", "cuEventDestroy 0xe000", "cuStreamSynchronize 0x96"], calls);
    }

    [Fact]
    public void Checks_every_call()
    {
        using FakeGpu gpu = new();
        DriverApi driver = gpu.Device().Context.Driver;
        var memory = new DriverMemory(driver);
        void Fails(string function, Action call)
        {
            gpu.Driver.Set(function, 2);
            Assert.StartsWith($"{function} failed", Assert.Throws<CudaException>(call).Message, StringComparison.Ordinal);
        }

        Fails("cuMemAlloc", () => memory.Allocate(7));
        Fails("cuMemFree", () => memory.Free(0));
        Fails("cuMemGetInfo", () => memory.Info());
        Fails("cuMemcpyHtoD", () => memory.Upload(0, null, 0));
        Fails("cuMemcpyDtoH", () => memory.Download(null, 0, 0));
        Fails("cuMemcpyDtoDAsync", () => memory.Copy(0, 0, 0, 0));
        Fails("cuMemsetD8Async", () => memory.Fill(0, 0, 0, 0));
        Fails("cuEventCreate", () => memory.CreateEvent());
        Fails("cuEventDestroy", () => memory.DestroyEvent(0));
        Fails("cuEventRecord", () => memory.Record(0, 0));
        Fails("cuEventSynchronize", () => memory.Wait(0));
        Fails("cuEventElapsedTime", () => memory.Milliseconds(0, 0));
        Fails("cuStreamSynchronize", () => memory.Synchronize(0));
        Fails("cuDeviceGetName", () => driver.Name(40));
    }
}
