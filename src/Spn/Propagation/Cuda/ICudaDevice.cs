namespace Spn.Propagation.Cuda;

/// <summary>What launches kernels: a GPU through NVIDIA's driver, or in the tests an emulator.</summary>
internal unsafe interface ICudaDevice
{
    /// <summary>What the device can do, from which a round is planned.</summary>
    CudaLimits Limits { get; }

    /// <summary>Enqueues a kernel on the device's current stream and returns.</summary>
    /// <param name="kernel">The kernel, compiled on its first use.</param>
    /// <param name="launch">How many threads run it.</param>
    /// <param name="argument">The kernel's single parameter, a structure passed by value; read before the call returns.</param>
    /// <param name="argumentBytes">The structure's size.</param>
    void Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes);
}

/// <summary>A kernel compiled for one set of options.</summary>
/// <param name="File">The source's name, such as <c>forward.cu</c>.</param>
/// <param name="Entry">The function's name in it, such as <c>spn_forward</c>.</param>
/// <param name="Defines">The options as macros, such as <c>SPN_PIXELS=4 SPN_SCALAR=0</c>, in a fixed order and separated by a space.</param>
internal sealed record CudaKernel(string File, string Entry, string Defines)
{
    public override string ToString() => $"{Entry} ({File}, {Defines})";
}

/// <summary>How a kernel is launched; grids and blocks are one-dimensional.</summary>
/// <param name="Blocks">Blocks of the grid, a multiple of <paramref name="Cluster"/>.</param>
/// <param name="Threads">Threads of a block, a multiple of 32.</param>
/// <param name="SharedBytes">Dynamic shared memory of a block.</param>
/// <param name="Cluster">Blocks of a cluster; 1 for none.</param>
internal readonly record struct CudaLaunch(int Blocks, int Threads, int SharedBytes, int Cluster);

/// <summary>What a device can do.</summary>
/// <param name="Architecture">The compute capability, such as 90 for sm_90.</param>
/// <param name="Multiprocessors">Number of multiprocessors.</param>
/// <param name="SharedBytesPerBlock">The most shared memory a block may ask for.</param>
/// <param name="MaxCluster">The most blocks in a cluster: 8, or 1 where there are none (before sm_90).</param>
internal readonly record struct CudaLimits(int Architecture, int Multiprocessors, int SharedBytesPerBlock, int MaxCluster);
