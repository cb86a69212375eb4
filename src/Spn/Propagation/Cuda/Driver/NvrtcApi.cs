using System.Runtime.InteropServices;
using System.Text;

namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// NVRTC, which compiles CUDA C++ at run time, with the names of nvrtc.h. Each method checks the returned code. Thread-safe.
/// </summary>
internal sealed unsafe class NvrtcApi
{
    private readonly delegate* unmanaged<int*, int*, int> _version;
    private readonly delegate* unmanaged<int*, int> _getNumSupportedArchs;
    private readonly delegate* unmanaged<int*, int> _getSupportedArchs;
    private readonly delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int> _createProgram;
    private readonly delegate* unmanaged<nint*, int> _destroyProgram;
    private readonly delegate* unmanaged<nint, int, byte**, int> _compileProgram;
    private readonly delegate* unmanaged<nint, nuint*, int> _getProgramLogSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getProgramLog;
    private readonly delegate* unmanaged<nint, nuint*, int> _getCubinSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getCubin;
    private readonly delegate* unmanaged<nint, nuint*, int> _getPtxSize;
    private readonly delegate* unmanaged<nint, byte*, int> _getPtx;
    private readonly delegate* unmanaged<int, byte*> _getErrorString;

    /// <param name="path">The library: a full path, or a name that the system's loader can resolve.</param>
    /// <exception cref="DllNotFoundException">The library cannot be loaded.</exception>
    /// <exception cref="BadImageFormatException">The file is not a library for this system.</exception>
    /// <exception cref="EntryPointNotFoundException">The library lacks a function, because it is older than CUDA 11.2.</exception>
    /// <exception cref="CudaException">NVRTC does not report its version.</exception>
    public NvrtcApi(string path)
    {
        Path = path;
        nint library = NativeLibrary.Load(path);
        void* Export(string name) => (void*)NativeLibrary.GetExport(library, name);
        _getErrorString = (delegate* unmanaged<int, byte*>)Export("nvrtcGetErrorString");
        _version = (delegate* unmanaged<int*, int*, int>)Export("nvrtcVersion");
        _getNumSupportedArchs = (delegate* unmanaged<int*, int>)Export("nvrtcGetNumSupportedArchs");
        _getSupportedArchs = (delegate* unmanaged<int*, int>)Export("nvrtcGetSupportedArchs");
        _createProgram = (delegate* unmanaged<nint*, byte*, byte*, int, byte**, byte**, int>)Export("nvrtcCreateProgram");
        _destroyProgram = (delegate* unmanaged<nint*, int>)Export("nvrtcDestroyProgram");
        _compileProgram = (delegate* unmanaged<nint, int, byte**, int>)Export("nvrtcCompileProgram");
        _getProgramLogSize = (delegate* unmanaged<nint, nuint*, int>)Export("nvrtcGetProgramLogSize");
        _getProgramLog = (delegate* unmanaged<nint, byte*, int>)Export("nvrtcGetProgramLog");
        _getCubinSize = (delegate* unmanaged<nint, nuint*, int>)Export("nvrtcGetCUBINSize");
        _getCubin = (delegate* unmanaged<nint, byte*, int>)Export("nvrtcGetCUBIN");
        _getPtxSize = (delegate* unmanaged<nint, nuint*, int>)Export("nvrtcGetPTXSize");
        _getPtx = (delegate* unmanaged<nint, byte*, int>)Export("nvrtcGetPTX");

        int major, minor;
        Check(_version(&major, &minor), "nvrtcVersion");
        Version = new Version(major, minor);
        Architectures = SupportedArchitectures();
    }

    /// <summary>The path from which the library was loaded.</summary>
    public string Path { get; }

    public Version Version { get; }

    /// <summary>The supported compute capabilities in ascending order, such as 90 for sm_90.</summary>
    public IReadOnlyList<int> Architectures { get; }

    /// <summary>Compiles a program.</summary>
    /// <param name="file">The name of the source.</param>
    /// <param name="source">The text of the source.</param>
    /// <param name="headers">The headers that it may include: name and text.</param>
    /// <param name="options">The compiler options.</param>
    /// <param name="toCubin">Whether to produce a cubin; otherwise null-terminated PTX.</param>
    /// <param name="kernel">The kernel's name, for the exception message.</param>
    /// <exception cref="CudaException">The program does not compile; the message contains the compiler's log.</exception>
    public byte[] Compile(
        string file, string source, IReadOnlyList<(string Name, string Text)> headers, IReadOnlyList<string> options, bool toCubin,
        string kernel)
    {
        nint program;
        using (var strings = new NativeStrings())
        {
            byte** texts = strings.Array(headers.Select(h => h.Text)), names = strings.Array(headers.Select(h => h.Name));
            int code = _createProgram(&program, strings.One(source), strings.One(file), headers.Count, texts, names);
            Check(code, "nvrtcCreateProgram", kernel);
        }

        try
        {
            using (var strings = new NativeStrings())
            {
                int code = _compileProgram(program, options.Count, strings.Array(options));
                Check(code, "nvrtcCompileProgram", kernel, code == 0 ? "" : Log(program));
            }

            nuint size;
            int sizeCode = toCubin ? _getCubinSize(program, &size) : _getPtxSize(program, &size);
            Check(sizeCode, toCubin ? "nvrtcGetCUBINSize" : "nvrtcGetPTXSize", kernel);
            byte[] image = new byte[size];
            fixed (byte* data = image)
                Check(toCubin ? _getCubin(program, data) : _getPtx(program, data), toCubin ? "nvrtcGetCUBIN" : "nvrtcGetPTX", kernel);
            return image;
        }
        finally
        {
            _ = _destroyProgram(&program); // ignored, so that it cannot hide an earlier error
        }
    }

    private int[] SupportedArchitectures()
    {
        int count;
        Check(_getNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs");
        int[] architectures = new int[count];
        fixed (int* first = architectures)
            Check(_getSupportedArchs(first), "nvrtcGetSupportedArchs");
        Array.Sort(architectures);
        return architectures;
    }

    private string Log(nint program)
    {
        nuint size;
        if (_getProgramLogSize(program, &size) != 0 || size == 0)
            return "";
        byte[] log = new byte[size];
        fixed (byte* text = log)
            return _getProgramLog(program, text) == 0 ? Encoding.UTF8.GetString(log).TrimEnd('\0') : "";
    }

    private void Check(int code, string function, string about = "", string log = "")
    {
        if (code != 0)
            throw new CudaException(DriverApi.Message(function, about, $"{DriverApi.Utf8(_getErrorString(code))} ({code})", log), code);
    }

    /// <summary>Strings for native code, valid until disposal.</summary>
    private sealed class NativeStrings : IDisposable
    {
        private readonly List<nint> _owned = [];

        public byte* One(string text)
        {
            nint native = Marshal.StringToCoTaskMemUTF8(text);
            _owned.Add(native);
            return (byte*)native;
        }

        public byte** Array(IEnumerable<string> texts)
        {
            nint[] pointers = [.. texts.Select(text => (nint)One(text))];
            nint array = Marshal.AllocCoTaskMem(Math.Max(1, pointers.Length) * sizeof(nint));
            _owned.Add(array);
            Marshal.Copy(pointers, 0, array, pointers.Length);
            return (byte**)array;
        }

        public void Dispose() => _owned.ForEach(Marshal.FreeCoTaskMem);
    }
}
