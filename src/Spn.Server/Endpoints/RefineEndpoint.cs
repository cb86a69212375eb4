using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /refine</c>: one mask.</summary>
internal static class RefineEndpoint
{
    public static readonly Field[] Fields = [Field.Image, Field.Mask, Field.Model, Field.Hard, Field.Limit, Field.Fit, Field.MaskValues];

    public static Task<IResult> HandleAsync(HttpContext context, Calls calls, Refiners refiners)
        => calls.RunAsync(context, Fields, form => async cancellation =>
        {
            ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
            MaskInput mask = await form.ReadImageAsync(Field.Mask, cancellation).ConfigureAwait(false);
            (Mask refined, RefineReport report) = await refiners.For(form.Settings)
                .RefineWithReportAsync(image, mask.With(form.MaskOptions), cancellation: cancellation).ConfigureAwait(false);
            return RefinedAnswer.Of(context.Request, refined.Width, refined.Height, form.Model, report, refined.Save);
        });
}
