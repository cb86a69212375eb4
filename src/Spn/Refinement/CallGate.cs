using System.Diagnostics.CodeAnalysis;

namespace Spn.Refinement;

/// <summary>
/// Bounds the number of calls that work together, and with it their memory; further calls wait for their turn. Thread-safe.
/// </summary>
/// <param name="maxCalls">1 or more.</param>
[SuppressMessage("Design", "CA1001", Justification = "The semaphore has no wait handle unless one is asked for.")]
internal sealed class CallGate(int maxCalls)
{
    /// <summary>Calls per process, unless a refiner has a limit of its own: more would compete for the processors.</summary>
    public static readonly int DefaultMaxCalls = Math.Max(2, Environment.ProcessorCount);

    private static readonly AsyncLocal<Held?> s_held = new();

    private readonly SemaphoreSlim _free = new(maxCalls);

    /// <summary>The gate of all refiners without a limit of their own.</summary>
    public static CallGate Shared { get; } = new(DefaultMaxCalls);

    /// <summary>Waits for a place. A call within a call that has a place, on any thread, needs none, so it cannot wait for itself.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public Place Enter(CancellationToken cancellation = default)
    {
        if (IsHeld)
            return default;
        _free.Wait(cancellation);
        return new Place(this);
    }

    /// <inheritdoc cref="Enter"/>
    public async Task<Place> EnterAsync(CancellationToken cancellation)
    {
        if (IsHeld)
            return default;
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        return new Place(this);
    }

    /// <summary>Runs the work of a call that has a place.</summary>
    public T Run<T>(Func<T> work)
    {
        Held? outer = s_held.Value;
        s_held.Value = new Held(this, outer);
        try
        {
            return work();
        }
        finally
        {
            s_held.Value = outer;
        }
    }

    private bool IsHeld
    {
        get
        {
            for (Held? held = s_held.Value; held is not null; held = held.Outer)
            {
                if (held.Gate == this)
                    return true;
            }
            return false;
        }
    }

    /// <summary>The gates through which the current call, and the calls around it, have passed.</summary>
    private sealed record Held(CallGate Gate, Held? Outer);

    /// <summary>A call's place until it is disposed.</summary>
    public readonly struct Place(CallGate gate) : IDisposable
    {
        public void Dispose() => gate?._free.Release();
    }
}
