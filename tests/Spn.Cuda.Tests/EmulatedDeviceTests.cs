using System.Runtime.InteropServices;
using Spn.Cuda.Tests.Emulation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Cuda.Tests;

/// <summary>The suite for devices without libtorch, on an emulated one: what a GPU will be asked is right, and so are the answers expected of it.</summary>
public sealed class EmulatedDeviceTests : DeviceSuite
{
    protected override int LongestSide => 300;

    protected override bool Takes(int number) => number % 5 == 0;

    private protected override DeviceMemory Open()
    {
        HostCompiler.Require();
        return new EmulatedMemory();
    }

    private sealed unsafe class EmulatedMemory : DeviceMemory
    {
        private readonly EmulatedCudaDevice _device = new(new CudaLimits(90, 132, 227 << 10, 8));

        public override ICudaDevice Device => _device;

        protected override nint Allocate(long bytes) => (nint)NativeMemory.AlignedAlloc((nuint)bytes, 256);

        protected override void Free(nint address) => NativeMemory.AlignedFree((void*)address);

        protected override void Upload(nint to, byte[] content) => Marshal.Copy(content, 0, to, content.Length);

        protected override void Download(byte[] to, nint from) => Marshal.Copy(from, to, 0, to.Length);
    }
}
