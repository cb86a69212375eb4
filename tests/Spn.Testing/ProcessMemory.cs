using System.Diagnostics;

namespace Spn.Testing;

/// <summary>What the process holds once everything that can be collected is.</summary>
internal static class ProcessMemory
{
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
