using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spn.Server.Problems;

namespace Spn.Server.Limits;

/// <summary>Limits the bytes of all uploads in progress and of all answers that clients have not read yet. Thread-safe.</summary>
internal sealed class MemoryBudget(IOptions<SpnServerOptions> options)
{
    private const int RetryAfterSeconds = 2;

    private readonly long _max = options.Value.MaxBufferedBytes;
    private long _used;

    /// <summary>The bytes that requests hold now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes a part of the budget until the request ends.</summary>
    /// <exception cref="ProblemException">There is not enough left.</exception>
    public Share Take(HttpContext context, long bytes)
    {
        Share share = new(this);
        context.Response.RegisterForDispose(share);
        share.Add(bytes);
        return share;
    }

    /// <summary>What a request holds.</summary>
    internal sealed class Share(MemoryBudget budget) : IDisposable
    {
        private long _bytes;

        /// <exception cref="ProblemException">There is not enough left.</exception>
        public void Add(long bytes)
        {
            if (Interlocked.Add(ref budget._used, bytes) > budget._max)
            {
                Interlocked.Add(ref budget._used, -bytes);
                throw new ProblemException(
                    StatusCodes.Status503ServiceUnavailable,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The server holds too many uploads and answers, {budget._max:N0} bytes at most. Try again later."),
                    RetryAfterSeconds);
            }
            _bytes += bytes;
        }

        public void Dispose()
        {
            Interlocked.Add(ref budget._used, -_bytes);
            _bytes = 0;
        }
    }
}
