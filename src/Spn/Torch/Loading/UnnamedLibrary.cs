using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Spn.Torch;

/// <summary>
/// Loads a library from memory (Linux). The bytes are stored in an anonymous file that belongs to this process alone, so no writable folder
/// is needed, no file is left behind, and no other process or user can interfere between writing and loading.
/// </summary>
internal static partial class UnnamedLibrary
{
    private const uint CloseOnExec = 1;

    /// <exception cref="DllNotFoundException">The loader rejects the library.</exception>
    /// <exception cref="BadImageFormatException">The loader rejects the library.</exception>
    /// <exception cref="IOException">The bytes can be written neither to memory nor to the temporary folder.</exception>
    /// <exception cref="UnauthorizedAccessException">The temporary folder is not writable.</exception>
    public static nint Load(ReadOnlySpan<byte> library)
    {
        try
        {
            return LoadFromMemory(library);
        }
        catch (Exception refused) when (refused is Win32Exception or EntryPointNotFoundException or DllNotFoundException or IOException)
        {
            // Hardened systems may forbid in-memory files or their execution.
            return LoadFromTemporaryFile(library);
        }
    }

    /// <exception cref="Win32Exception">The kernel cannot create an in-memory file.</exception>
    public static nint LoadFromMemory(ReadOnlySpan<byte> library)
    {
        int descriptor = MemoryFile("Spn", CloseOnExec);
        if (descriptor < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        // The descriptor stays open: the loader knows the library by this path, which must not be reused for another file.
        using var file = new SafeFileHandle(descriptor, ownsHandle: false);
        RandomAccess.Write(file, library, 0);
        return NativeLibrary.Load($"/proc/self/fd/{descriptor}");
    }

    public static nint LoadFromTemporaryFile(ReadOnlySpan<byte> library)
    {
        // A new folder that only this user may access. Once the library is loaded, its file name is no longer needed.
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
