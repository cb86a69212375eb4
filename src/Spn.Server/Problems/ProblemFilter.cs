using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Spn.Server.Problems;

/// <summary>Turns exceptions into answers. Nothing of the server's inside gets out: what is unexpected is logged.</summary>
internal sealed class ProblemFilter(ILogger<ProblemFilter> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext request = context.HttpContext;
        try
        {
            return await next(context).ConfigureAwait(false);
        }
        catch (ProblemException problem)
        {
            return new ProblemResult(problem.Status, problem.Message, problem.RetryAfterSeconds);
        }
        catch (Exception) when (request.RequestAborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest); // for the metrics; nobody waits for the answer
        }
        catch (Exception e)
        {
            logger.Failed(request.Request.Path, e);
            return new ProblemResult(StatusCodes.Status500InternalServerError, "The server failed. Its log has the reason.");
        }
    }
}
