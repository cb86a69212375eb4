using Microsoft.AspNetCore.Http;
using Spn.Server.Limits;
using Spn.Server.Requests;

namespace Spn.Server.Endpoints;

/// <summary><c>POST /affinity</c>: how much of a mask at one pixel reaches every other pixel.</summary>
internal static class AffinityEndpoint
{
    public static readonly Field[] Fields = [Field.Image, Field.X, Field.Y, Field.Model];

    public static Task<IResult> HandleAsync(HttpContext context, Calls calls, Refiners refiners)
        => calls.RunAsync(context, Fields, form =>
        {
            (int x, int y) = (form.Number(Field.X), form.Number(Field.Y));
            return async cancellation =>
            {
                ReadOnlyMemory<byte> image = await form.ReadImageAsync(Field.Image, cancellation).ConfigureAwait(false);
                Mask affinity = await refiners.For(form.Settings).AffinityAsync(image, x, y, cancellation).ConfigureAwait(false);
                return Answer.Png(affinity.Save);
            };
        });
}
