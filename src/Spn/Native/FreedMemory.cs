using System.Runtime.InteropServices;
using TorchSharp;

namespace Spn.Native;

/// <summary>
/// Makes glibc keep freed tensors' memory for the next ones. A network's maps take megabytes each, and by default every one of them comes from the system as untouched
/// pages, which cost more than the convolution that fills them: half of the time of a guidance pass.
/// </summary>
internal static class FreedMemory
{
    // glibc takes the size of a freed block that came from the system as the size up to which it serves from its own memory, and keeps twice as much
    // (mallopt(3), M_MMAP_THRESHOLD). It does so for blocks of at most 32 MiB, of which this is just below. The block is never touched, so it takes no memory.
    private const long Size = 31 << 20;

    private static readonly Lazy<bool> s_kept = new(() =>
    {
        try
        {
            torch.empty(Size, torch.ScalarType.Byte, torch.CPU).Dispose();
            return true;
        }
        catch (ExternalException)
        {
            return false; // no memory for it: what comes next will say so, or need less
        }
    });

    /// <summary>Acts once in a process. Other allocators are not changed.</summary>
    public static void Keep()
    {
        if (IsOurs)
            _ = s_kept.Value;
    }

    /// <summary>False where the app has said that the allocator is its own: the switch <c>Spn.KeepFreedMemory</c> off.</summary>
    public static bool IsOurs => !AppContext.TryGetSwitch("Spn.KeepFreedMemory", out bool keeps) || keeps;
}
