using System.Runtime.InteropServices;

namespace Spn.Orleans.Storage;

/// <summary>Writes the names of a folder's files to the disk, so that a renamed file survives the end of the machine.</summary>
internal static partial class FolderEntries
{
    private const int ReadOnly = 0, InvalidArgument = 22;

    // Windows keeps names in a journal, and has no call for this.
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int handle = Open(folder, ReadOnly);
        if (handle < 0)
            throw new IOException($"The folder '{folder}' cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            // Some network file systems do not have this call for folders.
            if (Synchronize(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
                throw new IOException($"The folder '{folder}' cannot be written to the disk: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(handle);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);
}
