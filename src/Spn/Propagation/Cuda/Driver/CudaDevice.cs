using System.Collections.Concurrent;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>A GPU: compiles kernels when they are first used, keeps them, and launches them on the current stream. Thread-safe.</summary>
internal sealed unsafe class CudaDevice : ICudaDevice
{
    // What every kernel may ask for; more has to be asked for.
    private const int UsualSharedBytes = 48 << 10;
    private const int OutOfMemory = 2;

    private readonly ConcurrentDictionary<CudaKernel, Lazy<LoadedKernel>> _kernels = new();
    private readonly KernelCache _cache;
    private readonly Func<int, nint> _currentStream;

    /// <param name="context">The device's context.</param>
    /// <param name="limits">The device's, as <see cref="LimitsOf"/> tells them.</param>
    /// <param name="compiler">For its architecture.</param>
    /// <param name="cache">Where compiled kernels are kept.</param>
    /// <param name="currentStream">The stream of the calling thread on a device, by its index; 0 for the legacy default stream.</param>
    public CudaDevice(PrimaryContext context, in CudaLimits limits, KernelCompiler compiler, KernelCache cache, Func<int, nint> currentStream)
        => (Context, Limits, Compiler, _cache, _currentStream) = (context, limits, compiler, cache, currentStream);

    public PrimaryContext Context { get; }

    public CudaLimits Limits { get; }

    /// <summary>What compiles kernels for it.</summary>
    public KernelCompiler Compiler { get; }

    /// <summary>The device and what its kernels are compiled by, for people.</summary>
    public string Description => $"{Context.Driver.Name(Context.Device)}, {Compiler.Architecture} by {Compiler.Description}";

    /// <summary>What a device can do.</summary>
    public static CudaLimits LimitsOf(PrimaryContext context)
    {
        int Ask(DeviceAttribute attribute) => context.Driver.Attribute(attribute, context.Device);
        int architecture = 10 * Ask(DeviceAttribute.ComputeCapabilityMajor) + Ask(DeviceAttribute.ComputeCapabilityMinor);
        // 8 blocks are what every device with clusters takes.
        bool clusters = architecture >= 90 && context.Driver.LaunchesClusters && Ask(DeviceAttribute.ClusterLaunch) != 0;
        return new CudaLimits(architecture, Ask(DeviceAttribute.Multiprocessors), Ask(DeviceAttribute.MaxSharedBytesPerBlock), clusters ? 8 : 1);
    }

    /// <inheritdoc/>
    /// <exception cref="CudaException">The kernel does not compile, or the driver refuses it.</exception>
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

    /// <summary>What a kernel takes of a multiprocessor. Compiles it if nothing has.</summary>
    public KernelResources Resources(CudaKernel kernel)
    {
        KernelResources resources = default;
        Context.Run(() =>
        {
            LoadedKernel loaded = Loaded(kernel);
            int Ask(FunctionAttribute attribute) => Context.Driver.Attribute(attribute, loaded.Function, loaded.Name);
            resources = new KernelResources(
                Ask(FunctionAttribute.Registers), Ask(FunctionAttribute.LocalBytes), Ask(FunctionAttribute.StaticSharedBytes));
        });
        return resources;
    }

    // Threads that ask for the same kernel wait for one compilation, for different ones compile side by side. A failure is not kept.
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
                // Nothing to keep: it is compiled anew, and replaced.
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

    /// <summary>A kernel on the device. Its module stays loaded for the life of the process.</summary>
    private sealed class LoadedKernel(nint function, string name)
    {
        private volatile bool _allowsAll;

        public nint Function => function;

        public string Name => name;

        /// <summary>Lets launches ask for all the shared memory that a block can have. Threads may do so at once: they set the same.</summary>
        public void AllowAllShared(DriverApi driver, in CudaLimits limits)
        {
            if (_allowsAll)
                return;
            int dynamic = limits.SharedBytesPerBlock - driver.Attribute(FunctionAttribute.StaticSharedBytes, function, name);
            driver.SetAttribute(FunctionAttribute.MaxDynamicSharedBytes, function, dynamic, name);
            _allowsAll = true;
        }
    }
}

/// <summary>What a kernel takes of a multiprocessor.</summary>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="LocalBytes">Local memory of a thread: what did not fit in registers.</param>
/// <param name="StaticSharedBytes">Shared memory of a block, besides what a launch asks for.</param>
internal readonly record struct KernelResources(int Registers, int LocalBytes, int StaticSharedBytes);
