using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /labels</c>: all labels of a label map together. The palette is kept.</summary>
internal static class LabelsEndpoint
{
    public static readonly Field[] Fields = [Field.Image, Field.Labels, Field.Model, Field.Limit];

    public static async Task<IResult> HandleAsync(HttpContext context, CallQueue queue, Refiners refiners)
    {
        queue.RequirePlace();
        Form form = await Form.ReceiveAsync(context, Fields).ConfigureAwait(false);
        RefineSettings settings = form.Settings;
        return await queue.RunAsync(async cancellation =>
        {
            ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
            LabelMap labels = await form.ReadLabelsAsync(image, cancellation).ConfigureAwait(false);
            (LabelMap refined, RefineReport report) = await refiners.For(settings)
                .RefineWithReportAsync(image, labels, cancellation: cancellation).ConfigureAwait(false);
            return RefinedResult.Of(refined.Width, refined.Height, settings, report, refined.Save);
        }, context.RequestAborted).ConfigureAwait(false);
    }
}
