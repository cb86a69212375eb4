using Spn.GpuDriver;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;
using Xunit;

namespace Spn.Gpu.Tests.Driver;

/// <summary>The suite for devices without libtorch, on the GPU.</summary>
[Trait("Level", "driver")]
public sealed class GpuDeviceTests : DeviceSuite
{
    protected override void Run(Action test) => FirstGpu.Require().Context.Run(test);

    private protected override DeviceMemory Open() => new GpuMemory(FirstGpu.Require());

    private sealed unsafe class GpuMemory(CudaDevice device) : DeviceMemory
    {
        private readonly DriverMemory _memory = new(device.Context.Driver);

        public override ICudaDevice Device => device;

        protected override nint Allocate(long bytes) => _memory.Allocate(bytes);

        protected override void Free(nint address) => _memory.Free(address);

        protected override void Upload(nint to, byte[] content)
        {
            fixed (byte* from = content)
                _memory.Upload(to, from, content.Length);
        }

        protected override void Download(byte[] to, nint from)
        {
            fixed (byte* into = to)
                _memory.Download(into, from, to.Length);
        }
    }
}
