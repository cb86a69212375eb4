using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spn.Server.Problems;

namespace Spn.Server.Limits;

/// <summary>Limits how many calls run and how many wait, and for how long. Thread-safe.</summary>
internal sealed class CallQueue : IDisposable
{
    private const int RetryAfterSeconds = 2;

    private readonly ConcurrencyLimiter _places;
    private readonly SpnServerOptions _options;
    private readonly ILogger<CallQueue> _logger;

    public CallQueue(IOptions<SpnServerOptions> options, ILogger<CallQueue> logger)
    {
        (_options, _logger) = (options.Value, logger);
        _places = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = _options.MaxCalls,
            QueueLimit = _options.MaxWaitingCalls,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    /// <summary>Refuses a call early, before its files are received, if its turn could not come.</summary>
    /// <exception cref="ProblemException">Too many calls wait.</exception>
    public void RequirePlace()
    {
        if (_places.GetStatistics() is { CurrentAvailablePermits: 0 } now && now.CurrentQueuedCount >= _options.MaxWaitingCalls)
            throw Full();
    }

    /// <summary>Runs a call when its turn has come.</summary>
    /// <param name="work">The call, which stops if its token is cancelled.</param>
    /// <param name="aborted">Cancelled if the client is gone.</param>
    /// <exception cref="ProblemException">Too many calls wait, the time is over, or the library refuses the input.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken aborted)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        stop.CancelAfter(_options.Timeout);
        try
        {
            using RateLimitLease place = await _places.AcquireAsync(1, stop.Token).ConfigureAwait(false);
            return place.IsAcquired ? await work(stop.Token).ConfigureAwait(false) : throw Full();
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            throw new ProblemException(
                StatusCodes.Status503ServiceUnavailable,
                FormattableString.Invariant($"The call took longer than {_options.Timeout.TotalSeconds} seconds. Try a smaller image."),
                RetryAfterSeconds);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            throw new ProblemException(StatusCodes.Status422UnprocessableEntity, LibraryMessage.Of(e));
        }
        catch (OutOfMemoryException e) // InsufficientMemoryException is one
        {
            _logger.TooLittleMemory(e);
            throw new ProblemException(
                StatusCodes.Status503ServiceUnavailable, "The server has too little memory for this image. Try a smaller one.",
                RetryAfterSeconds);
        }
    }

    public void Dispose() => _places.Dispose();

    private ProblemException Full() => new(
        StatusCodes.Status429TooManyRequests,
        $"The server is busy. Running calls: {_options.MaxCalls}, waiting calls: {_options.MaxWaitingCalls}. Try again later.",
        RetryAfterSeconds);
}
