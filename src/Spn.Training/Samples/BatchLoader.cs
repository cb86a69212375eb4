namespace Spn.Training.Samples;

/// <summary>Makes the next steps' batches on the thread pool while the current one trains.</summary>
/// <param name="maker">Makes a step's batch.</param>
/// <param name="first">The first step.</param>
/// <param name="end">The step after the last.</param>
/// <param name="workers">Batches in the making at once, 1 or more.</param>
internal sealed class BatchLoader(BatchMaker maker, int first, int end, int workers) : IDisposable
{
    private readonly Queue<Task<Batch>> _ahead = new();
    private int _next = first;

    /// <summary>The next step's batch.</summary>
    public Batch Next()
    {
        while (_next < end && _ahead.Count <= workers)
        {
            int step = _next++;
            _ahead.Enqueue(Task.Run(() => maker.Make(step)));
        }
        return _ahead.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>Waits for what is in the making.</summary>
    public void Dispose()
    {
        foreach (Task<Batch> task in _ahead)
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
    }
}
