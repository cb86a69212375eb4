using System.Diagnostics;

namespace Spn.Testing;

/// <summary>What the process holds once everything that can be collected is.</summary>
internal static class ProcessMemory
{
    /// <summary>
    /// How much the process grows during some work, by the least of up to three repetitions: a leak shows in each of them, what the system or the runtime takes
    /// meanwhile does not. Stops as soon as one repetition stays below the limit.
    /// </summary>
    public static long Growth(long limit, Action work)
    {
        long least = long.MaxValue;
        for (int i = 0; i < 3 && least >= limit; i++)
        {
            long before = Resident();
            work();
            least = Math.Min(least, Resident() - before);
        }

        return least;
    }

    public static long Resident()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
