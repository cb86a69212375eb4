using System.Runtime.InteropServices;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>Attributes for cuDeviceGetAttribute (<c>CUdevice_attribute</c>).</summary>
internal enum DeviceAttribute
{
    Multiprocessors = 16,
    ComputeCapabilityMajor = 75,
    ComputeCapabilityMinor = 76,
    MaxSharedBytesPerBlock = 97,
    ClusterLaunch = 120,
}

/// <summary>Attributes for cuFuncGetAttribute (<c>CUfunction_attribute</c>).</summary>
internal enum FunctionAttribute
{
    StaticSharedBytes = 1,
    MaxDynamicSharedBytes = 8,
    SharedMemoryCarveout = 9,
}

/// <summary><c>CUlaunchConfig</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaunchConfiguration
{
    public uint GridX, GridY, GridZ;
    public uint BlockX, BlockY, BlockZ;
    public uint SharedBytes;
    public nint Stream;
    public LaunchAttribute* Attributes;
    public uint AttributeCount;
}

/// <summary><c>CUlaunchAttribute</c>: an id, and a 64-byte union at offset 8.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct LaunchAttribute
{
    /// <summary>CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION.</summary>
    public const int ClusterDimension = 4;

    [FieldOffset(0)] public int Id;
    [FieldOffset(8)] public uint X;
    [FieldOffset(12)] public uint Y;
    [FieldOffset(16)] public uint Z;
}
