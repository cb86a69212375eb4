using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Spn.Extensions.DependencyInjection;

/// <summary>
/// Refines a mask of a small picture, which takes a few milliseconds. The check fails if that throws or gives a wrong result. It waits for
/// its turn as other calls do, so that it also shows that the refiner is overloaded if it has a timeout.
/// </summary>
/// <param name="refiner">The refiner to check.</param>
public sealed class SpnRefinerHealthCheck(Refiner refiner) : IHealthCheck
{
    private const int Size = 64, Quarter = Size / 4;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            Mask refined = await refiner.RefineAsync(Picture(), Square(), cancellationToken).ConfigureAwait(false);
            float inside = refined[Size / 2, Size / 2], outside = refined[1, 1];
            return inside > 0.5f && outside < 0.5f
                ? HealthCheckResult.Healthy($"The refiner works on {refiner.Device}.")
                : Failed($"The refiner gives wrong results on {refiner.Device}: {inside} inside, {outside} outside.");
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return Failed($"The refiner fails on {refiner.Device}.", e);
        }

        HealthCheckResult Failed(string reason, Exception? e = null) => new(context.Registration.FailureStatus, reason, e);
    }

    private static ImageInput Picture() => ImageInput.FromPixels(
        [.. Enumerable.Range(0, Size * Size).Select(i => IsInside(i) ? (byte)220 : (byte)40)], Size, Size, PixelFormat.Gray8);

    private static MaskInput Square() => MaskInput.FromPixels(
        [.. Enumerable.Range(0, Size * Size).Select(i => IsInside(i) ? 1f : 0f)], Size, Size);

    private static bool IsInside(int pixel)
        => pixel % Size is >= Quarter and < Size - Quarter && pixel / Size is >= Quarter and < Size - Quarter;
}
