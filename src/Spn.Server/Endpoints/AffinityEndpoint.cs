using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /affinity</c>: how much of a mask at one pixel reaches every other pixel.</summary>
internal static class AffinityEndpoint
{
    public static readonly Field[] Fields = [Field.Image, Field.X, Field.Y, Field.Model];

    public static async Task<IResult> HandleAsync(HttpContext context, CallQueue queue, Refiners refiners)
    {
        queue.RequirePlace();
        Form form = await Form.ReceiveAsync(context, Fields).ConfigureAwait(false);
        (int x, int y, RefineSettings settings) = (form.Number(Field.X), form.Number(Field.Y), form.Settings);
        return await queue.RunAsync(async cancellation =>
        {
            ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
            Mask affinity = await refiners.For(settings).AffinityAsync(image, x, y, cancellation).ConfigureAwait(false);
            return PngResult.Of(affinity.Save);
        }, context.RequestAborted).ConfigureAwait(false);
    }
}
