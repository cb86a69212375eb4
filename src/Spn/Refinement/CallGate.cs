namespace Spn.Refinement;

/// <summary>
/// Bounds the number of calls that work together, and with it their memory; further calls wait for their turn. Thread-safe.
/// </summary>
/// <param name="maxCalls">1 or more.</param>
internal sealed class CallGate(int maxCalls) : IDisposable
{
    /// <summary>Calls per process, unless a refiner has a limit of its own: more would compete for the processors.</summary>
    public static readonly int DefaultMaxCalls = Math.Max(2, Environment.ProcessorCount);

    private readonly SemaphoreSlim _free = new(maxCalls);

    /// <summary>The gate of all refiners without a limit of their own.</summary>
    public static CallGate Shared { get; } = new(DefaultMaxCalls);

    /// <summary>Waits for a place.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Place Enter(CancellationToken cancellation = default)
    {
        _free.Wait(cancellation);
        return new Place(_free);
    }

    /// <inheritdoc cref="Enter"/>
    public async Task<Place> EnterAsync(CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        return new Place(_free);
    }

    public void Dispose() => _free.Dispose();

    /// <summary>A call's place until it is disposed.</summary>
    public readonly struct Place(SemaphoreSlim? free) : IDisposable
    {
        public void Dispose() => free?.Release();
    }
}
