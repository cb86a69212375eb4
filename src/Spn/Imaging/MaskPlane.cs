namespace Spn.Imaging;

/// <summary>Lays a mask over its image: finds the part of the mask that shows the image, and resamples it to the image's size.</summary>
internal static class MaskPlane
{
    /// <param name="argument">The caller's argument, which an exception names.</param>
    /// <param name="mask">The opened mask.</param>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <param name="fit">Which part of the image the mask covers.</param>
    /// <param name="destination"><c>[height, width]</c>.</param>
    /// <exception cref="ArgumentException">The proportions do not fit.</exception>
    public static void Read(string argument, OpenPixels mask, int width, int height, MaskFit fit, Span<float> destination)
    {
        PlaneResize.Region region = RegionOf(argument, mask.Width, mask.Height, width, height, fit);
        if (mask.Width == width && mask.Height == height && fit is MaskFit.Proportional or MaskFit.Stretch)
        {
            mask.Read(destination);
            return;
        }
        using Planes source = new(1, mask.Height, mask.Width);
        mask.Read(source.All);
        PlaneResize.Resample(y => source.Row(0, y), mask.Width, mask.Height, region, destination, width, height);
    }

    /// <summary>The part of the mask that shows the image, in pixels of the mask.</summary>
    /// <inheritdoc cref="Read"/>
    public static PlaneResize.Region RegionOf(string argument, int maskWidth, int maskHeight, int width, int height, MaskFit fit)
    {
        if (fit == MaskFit.Proportional)
            RequireProportions(argument, maskWidth, maskHeight, width, height);
        if (fit is MaskFit.Proportional or MaskFit.Stretch)
            return new(0, 0, maskWidth, maskHeight);
        double scale = Math.Min((double)maskWidth / width, (double)maskHeight / height);
        double shownWidth = width * scale, shownHeight = height * scale;
        return fit == MaskFit.LetterboxTopLeft
            ? new(0, 0, shownWidth, shownHeight)
            : new((maskWidth - shownWidth) / 2, (maskHeight - shownHeight) / 2, shownWidth, shownHeight);
    }

    /// <exception cref="ArgumentException">The proportions differ by more than one pixel of the mask.</exception>
    public static void RequireProportions(string argument, long maskWidth, long maskHeight, long width, long height)
    {
        // Given one side, the other may be off by one pixel of the mask: networks round the size of their output either way.
        if (Math.Abs(maskWidth * height - maskHeight * width) <= Math.Max(width, height))
            return;
        throw InputProblem.ForArgument(
            new InputName(argument),
            $"expected the proportions of the {width} x {height} image to within one pixel of the mask, got {maskWidth} x {maskHeight}.",
            InputAdvice.ChooseFit);
    }
}
