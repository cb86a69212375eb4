using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spn.Native;

/// <summary>
/// Loads a library from bytes (Linux). The bytes live in a file without a name that belongs to this process alone, so that nothing needs a
/// writable folder, nothing is left behind, and neither another process nor another user can come between writing and loading.
/// </summary>
internal static partial class UnnamedLibrary
{
    private const uint CloseOnExec = 1;

    /// <exception cref="DllNotFoundException">The loader refuses the library.</exception>
    /// <exception cref="BadImageFormatException">The loader refuses the library.</exception>
    /// <exception cref="IOException">Neither memory nor the temporary folder takes the bytes.</exception>
    /// <exception cref="UnauthorizedAccessException">The temporary folder takes no files.</exception>
    public static nint Load(ReadOnlySpan<byte> library)
    {
        try
        {
            return LoadFromMemory(library);
        }
        catch (Exception refused) when (refused is Win32Exception or EntryPointNotFoundException or DllNotFoundException or IOException)
        {
            // Hardened systems can forbid memory files or running them.
            return LoadFromTemporaryFile(library);
        }
    }

    /// <exception cref="Win32Exception">The kernel gives no memory file.</exception>
    public static nint LoadFromMemory(ReadOnlySpan<byte> library)
    {
        int descriptor = MemoryFile("Spn", CloseOnExec);
        if (descriptor < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        // The descriptor stays open: the loader knows the library by this path, which must not come to mean another file.
        using var file = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(file, library, 0);
        return NativeLibrary.Load($"/proc/self/fd/{descriptor}");
    }

    public static nint LoadFromTemporaryFile(ReadOnlySpan<byte> library)
    {
        // A new folder that only this user may enter; what is loaded no longer needs its name.
        DirectoryInfo folder = Directory.CreateTempSubdirectory("spn-library-");
        try
        {
            string path = Path.Combine(folder.FullName, "library.so");
            File.WriteAllBytes(path, library);
            return NativeLibrary.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int MemoryFile(string name, uint flags);
}
