using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>
/// The threads of libtorch's OpenMP runtime, if that is GNU's (Linux). After each parallel loop, these threads spin on their cores for a
/// few milliseconds and wait for the next loop, so any other work in between should run on them; otherwise it competes with them for the
/// cores.
/// </summary>
internal static unsafe class OpenMpThreads
{
    // void GOMP_parallel(void (*body)(void*), void* state, unsigned threads, unsigned flags): the function to which compilers translate
    // "#pragma omp parallel", part of libgomp's binary interface since GCC 4.9.
    private static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> s_parallel = Find();

    /// <summary>Whether <see cref="Run"/> may be called.</summary>
    public static bool Available => s_parallel != null;

    /// <summary>
    /// Calls the body in parallel on the calling thread and on other threads, and returns when all calls have returned. Inside another
    /// parallel region, it calls the body once.
    /// </summary>
    /// <param name="threads">Number of threads, including the calling thread; fewer are used if the user has limited them.</param>
    /// <param name="body">The body, which must not throw.</param>
    /// <param name="state">The argument of the body.</param>
    public static void Run(int threads, delegate* unmanaged<void*, void> body, void* state) => s_parallel(body, state, (uint)threads, 0);

    private static delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Find()
    {
        // The process may also contain the system's libgomp. The one that libtorch uses is in libtorch's folder.
        if (!OperatingSystem.IsLinux() || Path.GetDirectoryName(NativeFolders.Loaded("torch_cpu")) is not { } folder)
            return null;
        return Directory.EnumerateFiles(folder, "libgomp*.so*").FirstOrDefault() is { } path
            && NativeLibrary.TryLoad(path, out nint library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out nint parallel)
            ? (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)parallel
            : null;
    }
}
