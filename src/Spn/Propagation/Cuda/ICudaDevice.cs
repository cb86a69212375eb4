namespace Spn.Propagation.Cuda;

/// <summary>Launches kernels: on a GPU through the NVIDIA driver, or on an emulator in the tests.</summary>
internal unsafe interface ICudaDevice
{
    /// <summary>The device's limits, from which a round is planned.</summary>
    CudaLimits Limits { get; }

    /// <summary>
    /// Whether the device has room for a cluster. If it has not, <see cref="Limits"/> allow only smaller ones from then on.
    /// </summary>
    /// <param name="kernel">The kernel, which is compiled on first use.</param>
    /// <param name="launch">The grid and block sizes, with more than one block per cluster.</param>
    bool HoldsCluster(CudaKernel kernel, in CudaLaunch launch) => true;

    /// <summary>Enqueues a kernel on the device's current stream and returns.</summary>
    /// <param name="kernel">The kernel, which is compiled on first use.</param>
    /// <param name="launch">The grid and block sizes.</param>
    /// <param name="argument">The kernel's single parameter, a structure that is passed by value and read before the call returns.</param>
    /// <param name="argumentBytes">The size of the structure in bytes.</param>
    void Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes);
}

/// <summary>A kernel compiled for one set of options.</summary>
/// <param name="File">The name of the source file, such as <c>forward.cu</c>.</param>
/// <param name="Entry">The name of the function in it, such as <c>spn_forward</c>.</param>
/// <param name="Defines">The options as macros in a fixed order, separated by spaces, such as <c>SPN_PIXELS=4 SPN_SCALAR=0</c>.</param>
internal sealed record CudaKernel(string File, string Entry, string Defines)
{
    public override string ToString() => $"{Entry} ({File}, {Defines})";
}

/// <summary>The launch configuration of a kernel. Grids and blocks are one-dimensional.</summary>
/// <param name="Blocks">Blocks in the grid, a multiple of <paramref name="Cluster"/>.</param>
/// <param name="Threads">Threads per block, a multiple of 32.</param>
/// <param name="SharedBytes">Dynamic shared memory per block in bytes.</param>
/// <param name="Cluster">Blocks per cluster; 1 without clusters.</param>
internal readonly record struct CudaLaunch(int Blocks, int Threads, int SharedBytes, int Cluster);

/// <summary>The limits of a device.</summary>
/// <param name="Architecture">The compute capability, such as 90 for sm_90.</param>
/// <param name="Multiprocessors">Number of multiprocessors.</param>
/// <param name="SharedBytesPerBlock">Maximum shared memory per block in bytes.</param>
/// <param name="MaxCluster">Maximum number of blocks per cluster: 8, or 1 if the device has no clusters (before sm_90).</param>
internal readonly record struct CudaLimits(int Architecture, int Multiprocessors, int SharedBytesPerBlock, int MaxCluster);
