using Microsoft.Extensions.Options;

namespace Spn.Orleans.Silo;

/// <summary>Counts the shards that run on this silo. Thread-safe.</summary>
internal sealed class ShardRoom(IOptions<RefineSiloOptions> options)
{
    private readonly Lock _lock = new();
    private int _running;
    private TaskCompletionSource _left = New();

    /// <summary>Waits until fewer shards run than the silo takes.</summary>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task left;
            lock (_lock)
            {
                if (_running < options.Value.ShardsPerSilo)
                    return;
                left = _left.Task;
            }
            await left.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    public void Enter()
    {
        lock (_lock)
            _running++;
    }

    public void Leave()
    {
        TaskCompletionSource left;
        lock (_lock)
        {
            _running--;
            (left, _left) = (_left, New());
        }
        left.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
