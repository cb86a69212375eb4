using System.Runtime.InteropServices;
using System.Text;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// The functions of the NVIDIA driver (libcuda) that launch kernels, with the names and layouts of cuda.h. Each method checks the returned
/// code. Methods without a device parameter work in the thread's current context; see <see cref="PrimaryContext"/>. Thread-safe.
/// </summary>
internal sealed unsafe class DriverApi
{
    private const int JitErrorLogBuffer = 5, JitErrorLogBufferSize = 6, JitLogBytes = 8192;

    private readonly delegate* unmanaged<uint, int> _init;
    private readonly delegate* unmanaged<int*, int> _driverGetVersion;
    private readonly delegate* unmanaged<int*, int, int> _deviceGet;
    private readonly delegate* unmanaged<int*, int, int, int> _deviceGetAttribute;
    private readonly delegate* unmanaged<byte*, int, int, int> _deviceGetName;
    private readonly delegate* unmanaged<nint*, int, int> _primaryContextRetain;
    private readonly delegate* unmanaged<nint, int> _contextPush;
    private readonly delegate* unmanaged<nint*, int> _contextPop;
    private readonly delegate* unmanaged<nint*, void*, uint, int*, void**, int> _moduleLoadData;
    private readonly delegate* unmanaged<nint*, nint, byte*, int> _moduleGetFunction;
    private readonly delegate* unmanaged<nint, int, int, int> _functionSetAttribute;
    private readonly delegate* unmanaged<int*, int, nint, int> _functionGetAttribute;
    private readonly delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int> _launchKernel;
    private readonly delegate* unmanaged<LaunchConfiguration*, nint, void**, void**, int> _launchKernelEx;
    private readonly delegate* unmanaged<int*, nint, LaunchConfiguration*, int> _maxActiveClusters;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorName;
    private readonly delegate* unmanaged<int, byte**, int> _getErrorString;

    /// <summary>Loads and initialises the driver.</summary>
    /// <param name="path">Path of the library; <see langword="null"/> uses the system's.</param>
    /// <exception cref="DllNotFoundException">The library does not exist.</exception>
    /// <exception cref="EntryPointNotFoundException">The library lacks a function, because the driver is older than CUDA 11.</exception>
    /// <exception cref="CudaException">The driver cannot be initialised, for example because there is no device.</exception>
    public DriverApi(string? path = null)
    {
        Library = NativeLibrary.Load(path ?? SystemName);
        _getErrorName = (delegate* unmanaged<int, byte**, int>)Export("cuGetErrorName");
        _getErrorString = (delegate* unmanaged<int, byte**, int>)Export("cuGetErrorString");
        _init = (delegate* unmanaged<uint, int>)Export("cuInit");
        _driverGetVersion = (delegate* unmanaged<int*, int>)Export("cuDriverGetVersion");
        _deviceGet = (delegate* unmanaged<int*, int, int>)Export("cuDeviceGet");
        _deviceGetAttribute = (delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute");
        _deviceGetName = (delegate* unmanaged<byte*, int, int, int>)Export("cuDeviceGetName");
        _primaryContextRetain = (delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain");
        _contextPush = (delegate* unmanaged<nint, int>)Export("cuCtxPushCurrent_v2");
        _contextPop = (delegate* unmanaged<nint*, int>)Export("cuCtxPopCurrent_v2");
        _moduleLoadData = (delegate* unmanaged<nint*, void*, uint, int*, void**, int>)Export("cuModuleLoadDataEx");
        _moduleGetFunction = (delegate* unmanaged<nint*, nint, byte*, int>)Export("cuModuleGetFunction");
        _functionSetAttribute = (delegate* unmanaged<nint, int, int, int>)Export("cuFuncSetAttribute");
        _functionGetAttribute = (delegate* unmanaged<int*, int, nint, int>)Export("cuFuncGetAttribute");
        _launchKernel = (delegate* unmanaged<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Export(
            "cuLaunchKernel");
        if (NativeLibrary.TryGetExport(Library, "cuLaunchKernelEx", out nint launchEx)) // since CUDA 11.8
            _launchKernelEx = (delegate* unmanaged<LaunchConfiguration*, nint, void**, void**, int>)launchEx;
        if (NativeLibrary.TryGetExport(Library, "cuOccupancyMaxActiveClusters", out nint maxClusters)) // since CUDA 11.8
            _maxActiveClusters = (delegate* unmanaged<int*, nint, LaunchConfiguration*, int>)maxClusters;

        Check(_init(0), "cuInit");
        int version;
        Check(_driverGetVersion(&version), "cuDriverGetVersion");
        Version = version;
    }

    /// <summary>The name by which the system's loader finds the driver.</summary>
    public static string SystemName => OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";

    /// <summary>The loaded library.</summary>
    public nint Library { get; }

    /// <summary>The newest CUDA version that the driver supports, such as 12080 for 12.8.</summary>
    public int Version { get; }

    /// <summary>Whether the driver can launch kernels in clusters.</summary>
    public bool LaunchesClusters => _launchKernelEx != null && _maxActiveClusters != null;

    public int Device(int index)
    {
        int device;
        Check(_deviceGet(&device, index), "cuDeviceGet");
        return device;
    }

    public int Attribute(DeviceAttribute attribute, int device)
    {
        int value;
        Check(_deviceGetAttribute(&value, (int)attribute, device), "cuDeviceGetAttribute", attribute.ToString());
        return value;
    }

    public string Name(int device)
    {
        byte* name = stackalloc byte[256];
        Check(_deviceGetName(name, 256, device), "cuDeviceGetName");
        return Utf8(name);
    }

    public nint RetainPrimaryContext(int device)
    {
        nint context;
        Check(_primaryContextRetain(&context, device), "cuDevicePrimaryCtxRetain");
        return context;
    }

    public void PushContext(nint context) => Check(_contextPush(context), "cuCtxPushCurrent");

    /// <param name="unwinding">Whether an exception is being thrown, which must not be replaced by another.</param>
    public void PopContext(bool unwinding = false)
    {
        nint context;
        int code = _contextPop(&context);
        if (!unwinding)
            Check(code, "cuCtxPopCurrent");
    }

    /// <param name="image">A cubin, or null-terminated PTX.</param>
    /// <param name="kernel">The kernel's name, for the exception message.</param>
    public nint LoadModule(ReadOnlySpan<byte> image, string kernel)
    {
        byte* log = stackalloc byte[JitLogBytes];
        log[0] = 0;
        int* options = stackalloc int[] { JitErrorLogBuffer, JitErrorLogBufferSize };
        void** values = stackalloc void*[] { log, (void*)JitLogBytes };
        nint module;
        fixed (byte* data = image)
        {
            int code = _moduleLoadData(&module, data, 2, options, values);
            log[JitLogBytes - 1] = 0;
            Check(code, "cuModuleLoadDataEx", kernel, code == 0 ? "" : Utf8(log));
        }
        return module;
    }

    public nint Function(nint module, string name, string kernel)
    {
        nint function;
        fixed (byte* entry = Encoding.UTF8.GetBytes(name + '\0'))
            Check(_moduleGetFunction(&function, module, entry), "cuModuleGetFunction", kernel);
        return function;
    }

    public int Attribute(FunctionAttribute attribute, nint function, string kernel)
    {
        int value;
        Check(_functionGetAttribute(&value, (int)attribute, function), "cuFuncGetAttribute", kernel);
        return value;
    }

    public void SetAttribute(FunctionAttribute attribute, nint function, int value, string kernel)
        => Check(_functionSetAttribute(function, (int)attribute, value), "cuFuncSetAttribute", kernel);

    /// <summary>Enqueues a kernel.</summary>
    /// <param name="function">The kernel.</param>
    /// <param name="launch">The grid and block sizes.</param>
    /// <param name="stream">The stream; 0 for the legacy default stream.</param>
    /// <param name="argument">The kernel's parameters.</param>
    /// <param name="argumentBytes">The size of the parameters in bytes.</param>
    /// <param name="kernel">The kernel's name, for the exception message.</param>
    public void Launch(nint function, in CudaLaunch launch, nint stream, void* argument, int argumentBytes, string kernel)
    {
        nuint bytes = (nuint)argumentBytes;
        // CU_LAUNCH_PARAM_BUFFER_POINTER, _BUFFER_SIZE and _END.
        void** packed = stackalloc void*[] { (void*)1, argument, (void*)2, &bytes, null };
        (uint blocks, uint threads, uint shared) = ((uint)launch.Blocks, (uint)launch.Threads, (uint)launch.SharedBytes);
        if (launch.Cluster == 1)
        {
            Check(_launchKernel(function, blocks, 1, 1, threads, 1, 1, shared, stream, null, packed), "cuLaunchKernel", kernel);
            return;
        }

        if (!LaunchesClusters)
            throw new EntryPointNotFoundException($"The driver has no cuLaunchKernelEx, which {kernel} needs to launch clusters.");
        LaunchAttribute cluster = ClusterOf(launch);
        LaunchConfiguration configuration = Configuration(launch, stream, &cluster);
        Check(_launchKernelEx(&configuration, function, null, packed), "cuLaunchKernelEx", kernel);
    }

    /// <summary>The number of clusters of this launch that the device can hold at the same time.</summary>
    public int ActiveClusters(nint function, in CudaLaunch launch, string kernel)
    {
        LaunchAttribute cluster = ClusterOf(launch);
        LaunchConfiguration configuration = Configuration(launch, 0, &cluster);
        int clusters;
        Check(_maxActiveClusters(&clusters, function, &configuration), "cuOccupancyMaxActiveClusters", kernel);
        return clusters;
    }

    private static LaunchAttribute ClusterOf(in CudaLaunch launch)
        => new() { Id = LaunchAttribute.ClusterDimension, X = (uint)launch.Cluster, Y = 1, Z = 1 };

    private static LaunchConfiguration Configuration(in CudaLaunch launch, nint stream, LaunchAttribute* cluster) => new()
    {
        GridX = (uint)launch.Blocks, GridY = 1, GridZ = 1, BlockX = (uint)launch.Threads, BlockY = 1, BlockZ = 1,
        SharedBytes = (uint)launch.SharedBytes, Stream = stream, Attributes = cluster, AttributeCount = 1,
    };

    /// <summary>The address of an exported function of the library.</summary>
    public void* Export(string name) => (void*)NativeLibrary.GetExport(Library, name);

    /// <summary>Throws an exception if a driver function failed.</summary>
    /// <param name="code">The returned code.</param>
    /// <param name="function">The function's name in cuda.h.</param>
    /// <param name="about">The subject of the call, such as the kernel.</param>
    /// <param name="log">The driver's log.</param>
    /// <exception cref="CudaException">The code is not 0.</exception>
    public void Check(int code, string function, string about = "", string log = "")
    {
        if (code == 0)
            return;
        byte* name = null, text = null;
        string error = _getErrorName(code, &name) == 0 && name != null ? Utf8(name) : "unknown error";
        if (_getErrorString(code, &text) == 0 && text != null)
            error += $", {Utf8(text)}";
        throw new CudaException(Message(function, about, $"{error} ({code})", log), code);
    }

    /// <summary>Formats the message of an error of the driver or NVRTC.</summary>
    public static string Message(string function, string about, string error, string log)
        => $"{function} failed{(about.Length > 0 ? $" for {about}" : "")}: {error}.{(log.Length > 0 ? $"\n{log.Trim()}" : "")}";

    /// <summary>Reads a null-terminated UTF-8 string.</summary>
    public static string Utf8(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
