using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /labels</c>: all labels of a label map together. The palette is kept.</summary>
internal static class LabelsEndpoint
{
    public static readonly Field[] Fields = [Field.Image, Field.Labels, Field.Model, Field.Limit];

    public static Task<IResult> HandleAsync(HttpContext context, Calls calls, Refiners refiners)
        => calls.RunAsync(context, Fields, form => async cancellation =>
        {
            ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
            LabelMap labels = await form.ReadLabelsAsync(image, cancellation).ConfigureAwait(false);
            (LabelMap refined, RefineReport report) = await refiners.For(form.Settings)
                .RefineWithReportAsync(image, labels, cancellation: cancellation).ConfigureAwait(false);
            return RefinedAnswer.Of(context.Request, refined.Width, refined.Height, form.Model, report, refined.Save);
        });
}
