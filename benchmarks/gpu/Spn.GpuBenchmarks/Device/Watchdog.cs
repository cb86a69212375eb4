using System.Runtime.InteropServices;

namespace Spn.GpuBenchmarks.Device;

/// <summary>Does something if work takes too long. Disposing it ends the watch.</summary>
internal sealed partial class Watchdog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Timer _timer;
    private bool _isOver;

    /// <param name="limit">How long the work may take.</param>
    /// <param name="expired">What to do then; on another thread.</param>
    public Watchdog(TimeSpan limit, Action expired)
        => _timer = new Timer(
            _ =>
            {
                lock (_lock)
                {
                    if (!_isOver)
                        expired();
                    _isOver = true;
                }
            },
            null, limit, Timeout.InfiniteTimeSpan);

    /// <summary>Ends the process without waiting for anything, such as a kernel for which the driver would wait.</summary>
    public static void Exit(int code) => ExitNow(code);

    /// <summary>Waits for <c>expired</c> if it is running; it does not run afterwards.</summary>
    public void Dispose()
    {
        lock (_lock)
            _isOver = true;
        _timer.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void ExitNow(int code);
}
