namespace Spn.Testing;

/// <summary>Collects garbage and runs finalisers on a thread of its own, without a pause, until it is disposed.</summary>
internal sealed class RestlessCollector : IDisposable
{
    private readonly Thread _thread;
    private volatile bool _stopped;

    public RestlessCollector()
    {
        _thread = new Thread(() =>
        {
            while (!_stopped)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        _thread.Start();
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
    }
}
