using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>
/// The threads of libtorch's own OpenMP runtime, where that is GNU's (Linux). After each of libtorch's parallel loops they stay on their cores for some milliseconds and
/// wait for the next one, so work that comes in between is done by them or has to share their cores with them.
/// </summary>
internal static unsafe class OpenMpThreads
{
    // void GOMP_parallel(void (*body)(void*), void* state, unsigned threads, unsigned flags): what compilers make of "#pragma omp parallel", libgomp's binary interface
    // since GCC 4.9.
    private static readonly delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> s_parallel = Find();

    /// <summary>Whether <see cref="Run"/> may be called.</summary>
    public static bool Available => s_parallel != null;

    /// <summary>Calls the body on the calling thread and on others at once, and returns when all calls have. Inside another parallel region it is one call.</summary>
    /// <param name="threads">Threads in all, the calling one included; fewer where the user has limited them.</param>
    /// <param name="body">No exception may leave it.</param>
    /// <param name="state">Its argument.</param>
    public static void Run(int threads, delegate* unmanaged<void*, void> body, void* state) => s_parallel(body, state, (uint)threads, 0);

    private static delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void> Find()
    {
        // Another libgomp, of the system, may be in the process too: libtorch's lies beside libtorch.
        if (!OperatingSystem.IsLinux() || Path.GetDirectoryName(NativeFolders.Loaded("torch_cpu")) is not { } folder)
            return null;
        return Directory.EnumerateFiles(folder, "libgomp*.so*").FirstOrDefault() is { } path
            && NativeLibrary.TryLoad(path, out nint library)
            && NativeLibrary.TryGetExport(library, "GOMP_parallel", out nint parallel)
            ? (delegate* unmanaged<delegate* unmanaged<void*, void>, void*, uint, uint, void>)parallel
            : null;
    }
}
