using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>
/// Has glibc hold all freed memory while a large image or many masks are refined, and give it back at the end. A large image's maps are above the 32 MiB up to which
/// <see cref="FreedMemory"/> helps: each would come from the system as untouched pages, which takes longer than what is computed from it. Many masks would leave holes in glibc's heap, more with every call.
/// </summary>
/// <remarks>
/// It helps where the main thread refines: glibc gives other threads heaps of at most 64 MiB, and what is larger comes from the system all the same.
/// Afterwards glibc's options stand as <see cref="FreedMemory"/> would have them: an app that sets its own turns both off.
/// </remarks>
internal static partial class HeldMemory
{
    // mallopt(3)
    private const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4;
    private const int MostMmaps = 65536; // glibc's default

    private static readonly Lock s_lock = new();
    private static int s_holders;
    private static bool s_missing = !OperatingSystem.IsLinux();

    /// <summary>Holds freed memory until the result is disposed; several at once hold it together. Does nothing where there is no glibc.</summary>
    public static IDisposable Hold()
    {
        lock (s_lock)
        {
            if (s_holders++ == 0)
                Try(() => Set(mmaps: 0, trim: int.MaxValue));
        }
        return new Holder();
    }

    private static void Release()
    {
        lock (s_lock)
        {
            if (--s_holders > 0)
                return;
            Try(() =>
            {
                Set(MostMmaps, trim: 64 << 20); // as FreedMemory leaves it
                _ = Trim(0);
            });
        }
    }

    private static void Set(int mmaps, int trim)
    {
        _ = Option(MmapMax, mmaps);
        _ = Option(TrimThreshold, trim);
        _ = Option(MmapThreshold, 32 << 20);
    }

    private static void Try(Action set)
    {
        if (s_missing || !FreedMemory.IsOurs)
            return;
        try
        {
            set();
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            s_missing = true; // musl, for one
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Option(int name, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    private sealed class Holder : IDisposable
    {
        private int _disposed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
                Release();
        }
    }
}
