using Microsoft.Extensions.Options;

namespace Spn.Orleans.Silo;

/// <summary>Lets the items of a silo be refined together, or one of them alone. Thread-safe.</summary>
internal sealed class ItemGate : IDisposable
{
    private readonly int _count;
    private readonly SemaphoreSlim _places;
    private readonly SemaphoreSlim _alone = new(1);

    public ItemGate(IOptions<RefineSiloOptions> options)
    {
        _count = checked(options.Value.MaxConcurrency * options.Value.ShardsPerSilo);
        _places = new SemaphoreSlim(_count);
    }

    /// <summary>Waits until no item is refined alone.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        return new Exit(() => _places.Release());
    }

    /// <summary>Waits until no other item is refined.</summary>
    public async Task<IDisposable> EnterAloneAsync(CancellationToken cancellation)
    {
        await _alone.WaitAsync(cancellation).ConfigureAwait(false);
        int taken = 0;
        try
        {
            for (; taken < _count; taken++)
                await _places.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch
        {
            Leave(taken);
            throw;
        }
        return new Exit(() => Leave(_count));
    }

    public void Dispose()
    {
        _places.Dispose();
        _alone.Dispose();
    }

    private void Leave(int places)
    {
        if (places > 0)
            _places.Release(places);
        _alone.Release();
    }

    private sealed class Exit(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
