using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>
/// Has glibc hold all freed memory while a large image or many masks are refined, and give it back at the end. A large image's maps are above the 32 MiB up to which
/// <see cref="FreedMemory"/> helps: each would come from the system as untouched pages, which takes longer than what is computed from it. Many masks would leave holes in glibc's heap, more with every call.
/// </summary>
/// <remarks>
/// It helps most where the main thread refines: there the heap is one, and the system is asked for large pages. glibc gives other threads heaps of at most 64 MiB, and what is larger comes from the system all the same.
/// Afterwards glibc's options stand as <see cref="FreedMemory"/> would have them: an app that sets its own turns both off.
/// </remarks>
internal static partial class HeldMemory
{
    // mallopt(3)
    private const int TrimThreshold = -1, MmapThreshold = -3, MmapMax = -4;
    private const int HugePages = 14; // MADV_HUGEPAGE, madvise(2)
    private const int MostMmaps = 65536; // glibc's default

    // Of an image, on the main thread and on others, and of all of its masks.
    private const long Pixels = 1 << 19, PixelsElsewhere = 1 << 21, MaskPixels = 1 << 21;

    private static readonly Lock s_lock = new();
    private static int s_holders;
    private static bool s_missing = !OperatingSystem.IsLinux();

    /// <summary>Whether bringing the memory back at the next call takes less than holding it saves in this one.</summary>
    /// <param name="image">The image's pixels.</param>
    /// <param name="masks">Those of all masks.</param>
    public static bool Pays(long image, long masks) => image >= (IsMainThread() ? Pixels : PixelsElsewhere) || masks >= MaskPixels;

    /// <summary>Holds freed memory until the result is disposed; several at once hold it together. Does nothing where there is no glibc.</summary>
    public static IDisposable Hold()
    {
        lock (s_lock)
        {
            if (s_holders++ == 0)
                Try(() =>
                {
                    Set(mmaps: 0, trim: int.MaxValue);
                    if (IsMainThread())
                        Reserve();
                });
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

    private static bool IsMainThread()
    {
        if (s_missing)
            return false;
        try
        {
            return ThreadId() == Environment.ProcessId;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false; // glibc before 2.30
        }
    }

    /// <summary>Has the heap grow by untouched memory, of which the system is asked for large pages: one fault then brings 2 MiB instead of 4 KiB. Where it refuses, nothing changes.</summary>
    private static unsafe void Reserve()
    {
        const nuint size = 3u << 29; // what tiles take and more, and below the size from which a freed end of the heap goes back at once
        const nuint page = 2 << 20;
        void* block = Allocate(size);
        if (block == null)
            return;
        nuint begin = ((nuint)block + page - 1) / page * page;
        _ = Advise((void*)begin, (nuint)block + size - begin, HugePages);
        Free(block);
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

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();

    [LibraryImport("libc", EntryPoint = "malloc")]
    private static unsafe partial void* Allocate(nuint size);

    [LibraryImport("libc", EntryPoint = "free")]
    private static unsafe partial void Free(void* block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static unsafe partial int Advise(void* address, nuint length, int advice);

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
