using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /refine</c>: one mask.</summary>
internal static class RefineEndpoint
{
    public static readonly Field[] Fields = [Field.Image, Field.Mask, Field.Model, Field.Hard, Field.Limit, Field.Fit, Field.MaskValues];

    public static async Task<IResult> HandleAsync(HttpContext context, CallQueue queue, Refiners refiners)
    {
        queue.RequirePlace();
        Form form = await Form.ReceiveAsync(context, Fields).ConfigureAwait(false);
        RefineSettings settings = form.Settings;
        return await queue.RunAsync(async cancellation =>
        {
            ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
            MaskInput mask = await form.ReadImageAsync(Field.Mask, cancellation).ConfigureAwait(false);
            (Mask refined, RefineReport report) = await refiners.For(settings)
                .RefineWithReportAsync(image, mask.With(form.MaskOptions), cancellation: cancellation).ConfigureAwait(false);
            return RefinedResult.Of(refined.Width, refined.Height, settings, report, refined.Save);
        }, context.RequestAborted).ConfigureAwait(false);
    }
}
