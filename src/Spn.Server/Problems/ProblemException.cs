namespace Spn.Server.Problems;

/// <summary>A request that gets an error as its answer.</summary>
/// <param name="status">The status code.</param>
/// <param name="detail">What is wrong, in terms of the request, and what was expected.</param>
/// <param name="retryAfterSeconds">When the same request may succeed.</param>
internal sealed class ProblemException(int status, string detail, int? retryAfterSeconds = null) : Exception(detail)
{
    public int Status => status;

    public int? RetryAfterSeconds => retryAfterSeconds;
}
