using Spn.GpuBenchmarks.Report;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;

namespace Spn.GpuBenchmarks.Device;

/// <summary>Asks the driver what kernels of the library need, and how many of their blocks a multiprocessor holds.</summary>
internal sealed unsafe class KernelInspector(DriverApi driver, KernelCompiler compiler, KernelCache cache)
{
    private const FunctionAttribute LocalBytes = (FunctionAttribute)3, Registers = (FunctionAttribute)4;

    private readonly Dictionary<CudaKernel, nint> _functions = [];
    private readonly delegate* unmanaged<int*, nint, int, nuint, int> _maxActiveBlocks
        = (delegate* unmanaged<int*, nint, int, nuint, int>)driver.Export("cuOccupancyMaxActiveBlocksPerMultiprocessor");

    /// <summary>The compiled kernel, which is compiled and cached if necessary.</summary>
    /// <exception cref="CudaException">The kernel does not compile.</exception>
    public byte[] Image(CudaKernel kernel)
    {
        string key = compiler.Key(kernel);
        if (cache.Read(key) is { } image)
            return image;
        image = compiler.Compile(kernel);
        cache.Write(key, image);
        return image;
    }

    /// <summary>Describes a kernel as a launch uses it.</summary>
    /// <exception cref="CudaException">The kernel does not compile, or the driver reports an error.</exception>
    public KernelFigure Inspect(CudaKernel kernel, in CudaLaunch launch)
    {
        string name = kernel.ToString();
        if (!_functions.TryGetValue(kernel, out nint function))
            function = _functions[kernel] = driver.Function(driver.LoadModule(Image(kernel), name), kernel.Entry, name);
        driver.SetAttribute(FunctionAttribute.MaxDynamicSharedBytes, function, launch.SharedBytes, name);
        int blocks;
        driver.Check(
            _maxActiveBlocks(&blocks, function, launch.Threads, (nuint)launch.SharedBytes),
            "cuOccupancyMaxActiveBlocksPerMultiprocessor", name);
        return new KernelFigure(
            name, driver.Attribute(Registers, function, name), driver.Attribute(LocalBytes, function, name), blocks,
            blocks * launch.Threads / 32);
    }
}
