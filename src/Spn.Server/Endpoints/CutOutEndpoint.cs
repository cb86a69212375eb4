using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /cutout</c>: the object without its background.</summary>
internal static class CutOutEndpoint
{
    public static readonly Field[] Fields = RefineEndpoint.Fields;

    public static Task<IResult> HandleAsync(HttpContext context, Calls calls, Refiners refiners)
        => calls.RunAsync(context, Fields, form => async cancellation =>
        {
            ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
            MaskInput mask = await form.ReadImageAsync(Field.Mask, cancellation).ConfigureAwait(false);
            RgbaImage cutOut = await refiners.For(form.Settings)
                .CutOutAsync(image, mask.With(form.MaskOptions), cancellation).ConfigureAwait(false);
            return Answer.Png(cutOut.Save);
        });
}
