using System.Collections.Concurrent;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>A GPU. Compiles kernels on first use, caches them, and launches them on the current stream. Thread-safe.</summary>
internal sealed unsafe class CudaDevice : ICudaDevice
{
    // The shared memory that every kernel may request; larger amounts have to be enabled per kernel.
    private const int UsualSharedBytes = 48 << 10;
    private const int OutOfMemory = 2;

    private readonly ConcurrentDictionary<CudaKernel, Lazy<LoadedKernel>> _kernels = new();
    private readonly ConcurrentDictionary<(CudaKernel, CudaLaunch), bool> _holdsCluster = new();
    private readonly KernelCache _cache;
    private readonly Func<int, nint> _currentStream;

    /// <param name="context">The device's context.</param>
    /// <param name="limits">The device's limits, as returned by <see cref="LimitsOf"/>.</param>
    /// <param name="compiler">A compiler for the device's architecture.</param>
    /// <param name="cache">The cache of compiled kernels.</param>
    /// <param name="currentStream">
    /// Returns the calling thread's stream on a device, given its index; 0 for the legacy default stream.
    /// </param>
    public CudaDevice(
        PrimaryContext context, in CudaLimits limits, KernelCompiler compiler, KernelCache cache, Func<int, nint> currentStream)
        => (Context, Limits, Compiler, _cache, _currentStream) = (context, limits, compiler, cache, currentStream);

    public PrimaryContext Context { get; }

    public CudaLimits Limits { get; private set; }

    /// <summary>The compiler for the device's kernels.</summary>
    public KernelCompiler Compiler { get; }

    /// <summary>The device and its kernel compiler, for display.</summary>
    public string Description => $"{Context.Driver.Name(Context.Device)}, {Compiler.Architecture} by {Compiler.Description}";

    /// <summary>Queries the limits of a device.</summary>
    public static CudaLimits LimitsOf(PrimaryContext context)
    {
        int Ask(DeviceAttribute attribute) => context.Driver.Attribute(attribute, context.Device);
        int architecture = 10 * Ask(DeviceAttribute.ComputeCapabilityMajor) + Ask(DeviceAttribute.ComputeCapabilityMinor);
        // Every device with clusters supports 8 blocks per cluster.
        bool clusters = architecture >= 90 && context.Driver.LaunchesClusters && Ask(DeviceAttribute.ClusterLaunch) != 0;
        return new CudaLimits(
            architecture, Ask(DeviceAttribute.Multiprocessors), Ask(DeviceAttribute.MaxSharedBytesPerBlock), clusters ? 8 : 1);
    }

    /// <inheritdoc/>
    /// <exception cref="CudaException">The kernel does not compile, or the driver reports an error.</exception>
    public void Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes)
    {
        CudaLaunch how = launch;
        nint stream = _currentStream(Context.Index);
        Context.Run(() =>
        {
            LoadedKernel loaded = Loaded(kernel);
            if (how.SharedBytes > UsualSharedBytes)
                loaded.AllowAllShared(Context.Driver, Limits);
            Context.Driver.Launch(loaded.Function, how, stream, argument, argumentBytes, loaded.Name);
        });
    }

    /// <inheritdoc/>
    /// <exception cref="CudaException">The kernel does not compile, or the driver reports an error.</exception>
    public bool HoldsCluster(CudaKernel kernel, in CudaLaunch launch)
    {
        CudaLaunch how = launch;
        bool holds = _holdsCluster.GetOrAdd((kernel, how), _ => ActiveClusters(kernel, how) > 0);
        // Blocks of a cluster share a part of the device, which a slice of a device may have only a piece of.
        if (!holds && Limits.MaxCluster >= how.Cluster)
            Limits = Limits with { MaxCluster = how.Cluster - 1 };
        return holds;
    }

    private int ActiveClusters(CudaKernel kernel, CudaLaunch launch)
    {
        int clusters = 0;
        Context.Run(() =>
        {
            LoadedKernel loaded = Loaded(kernel);
            if (launch.SharedBytes > UsualSharedBytes)
                loaded.AllowAllShared(Context.Driver, Limits);
            clusters = Context.Driver.ActiveClusters(loaded.Function, launch, loaded.Name);
        });
        return clusters;
    }

    // Threads that request the same kernel wait for one compilation; different kernels compile in parallel. A failure is not cached.
    private LoadedKernel Loaded(CudaKernel kernel)
    {
        Lazy<LoadedKernel> loaded = _kernels.GetOrAdd(kernel, wanted => new Lazy<LoadedKernel>(() => Load(wanted)));
        try
        {
            return loaded.Value;
        }
        catch
        {
            _kernels.TryRemove(new(kernel, loaded));
            throw;
        }
    }

    private LoadedKernel Load(CudaKernel kernel)
    {
        string key = Compiler.Key(kernel);
        if (_cache.Read(key) is { } kept)
        {
            try
            {
                return Load(kernel, kept);
            }
            catch (CudaException refused) when (refused.ErrorCode != OutOfMemory)
            {
                // The cached image cannot be used: compile the kernel again and replace it.
            }
        }

        byte[] image = Compiler.Compile(kernel);
        LoadedKernel loaded = Load(kernel, image);
        _cache.Write(key, image);
        return loaded;
    }

    private LoadedKernel Load(CudaKernel kernel, byte[] image)
    {
        string name = kernel.ToString();
        nint module = Context.Driver.LoadModule(image, name);
        return new LoadedKernel(Context.Driver.Function(module, kernel.Entry, name), name);
    }

    /// <summary>A kernel loaded on the device. Its module stays loaded for the life of the process.</summary>
    private sealed class LoadedKernel(nint function, string name)
    {
        private volatile bool _allowsAll;

        public nint Function => function;

        public string Name => name;

        /// <summary>
        /// Allows launches to request all the shared memory that a block can have. Concurrent calls are safe, because all of them set the
        /// same value.
        /// </summary>
        public void AllowAllShared(DriverApi driver, in CudaLimits limits)
        {
            if (_allowsAll)
                return;
            int dynamic = limits.SharedBytesPerBlock - driver.Attribute(FunctionAttribute.StaticSharedBytes, function, name);
            driver.SetAttribute(FunctionAttribute.MaxDynamicSharedBytes, function, dynamic, name);
            // Percent of the memory that shared memory and the L1 cache divide. Plans count on all of it, for several blocks.
            driver.SetAttribute(FunctionAttribute.SharedMemoryCarveout, function, 100, name);
            _allowsAll = true;
        }
    }
}
