namespace Spn.Training.Samples;

/// <summary>Prepares the batches of the next steps on the thread pool during the training of the current one.</summary>
/// <param name="maker">Makes the batch of a step.</param>
/// <param name="first">The first step.</param>
/// <param name="end">The step after the last one.</param>
/// <param name="workers">The number of batches to make in parallel, 1 or more.</param>
internal sealed class BatchLoader(BatchMaker maker, int first, int end, int workers) : IDisposable
{
    private readonly Queue<Task<Batch>> _ahead = new();
    private int _next = first;

    /// <summary>Returns the batch of the next step.</summary>
    public Batch Next()
    {
        while (_next < end && _ahead.Count <= workers)
        {
            int step = _next++;
            _ahead.Enqueue(Task.Run(() => maker.Make(step)));
        }
        return _ahead.Dequeue().GetAwaiter().GetResult();
    }

    /// <summary>Waits for the batches in progress.</summary>
    public void Dispose()
    {
        foreach (Task<Batch> task in _ahead)
            ((IAsyncResult)task).AsyncWaitHandle.WaitOne();
    }
}
