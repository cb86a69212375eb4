using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Spn.Server.Endpoints;
using Spn.Server.Requests;

namespace Spn.Server.Limits;

/// <summary>Takes a call through the limits: a place in the queue, memory, its files, its turn, and memory for its answer. Thread-safe.</summary>
internal sealed class Calls(CallQueue queue, MemoryBudget memory, Models models, IOptions<SpnServerOptions> options)
{
    /// <summary>Runs a call.</summary>
    /// <param name="context">The request.</param>
    /// <param name="fields">The fields that it may have.</param>
    /// <param name="prepare">Reads the options of the form, and returns the work, which waits for its turn.</param>
    /// <exception cref="Problems.ProblemException">The request is refused, or cannot be answered.</exception>
    public async Task<IResult> RunAsync(HttpContext context, Field[] fields, Func<Form, Func<CancellationToken, Task<Answer>>> prepare)
    {
        queue.RequirePlace();
        long max = options.Value.MaxRequestBytes;
        MemoryBudget.Share share = memory.Take(context, Math.Min(context.Request.ContentLength ?? max, max));
        Form form = await Form.ReceiveAsync(context, models.Complete(fields), models, options.Value).ConfigureAwait(false);
        Answer answer = await queue.RunAsync(prepare(form), context.RequestAborted).ConfigureAwait(false);
        share.Add(answer.Length); // a slow client holds it for a while
        return answer;
    }
}
