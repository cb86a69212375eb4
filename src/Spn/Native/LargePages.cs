using System.Runtime.InteropServices;

namespace Spn.Native;

/// <summary>
/// Asks Linux for large pages in a block of memory: the first use of a fresh block then takes one page fault per 2 MiB instead of one per
/// 4 KiB, which for guidance of 70 MB takes as long as its computation. Without effect on other systems.
/// </summary>
internal static unsafe partial class LargePages
{
    private const nuint Page = 2 << 20;
    private const int HugePages = 14; // MADV_HUGEPAGE, madvise(2)

    private static bool s_missing = !OperatingSystem.IsLinux();

    /// <summary>Asks for large pages for the part of a block that holds whole ones. Its content is kept.</summary>
    public static void Advise(void* block, nuint bytes)
    {
        nuint begin = ((nuint)block + Page - 1) / Page * Page, end = ((nuint)block + bytes) / Page * Page;
        if (s_missing || begin >= end)
            return;
        try
        {
            _ = Advise((void*)begin, end - begin, HugePages); // a hint: a system without large pages refuses it
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            s_missing = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
