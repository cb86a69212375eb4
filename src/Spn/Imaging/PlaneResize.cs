namespace Spn.Imaging;

/// <summary>Resamples planes of values in 0..1 as <see cref="RowResampler"/> does.</summary>
internal static class PlaneResize
{
    /// <summary>The part of the source that the destination shows, in source pixels; it may begin and end within pixels.</summary>
    public readonly record struct Region(double X, double Y, double Width, double Height);

    /// <param name="source">The rows of the source.</param>
    /// <param name="width">Source pixels per row.</param>
    /// <param name="height">Source rows.</param>
    /// <param name="region">The rectangle to show; pixels outside it do not contribute.</param>
    /// <param name="destination"><c>[newHeight, newWidth]</c>.</param>
    /// <param name="newWidth">Destination pixels per row.</param>
    /// <param name="newHeight">Destination rows.</param>
    public static void Resample(
        LineSource source, int width, int height, Region region, Span<float> destination, int newWidth, int newHeight)
    {
        RowResampler rows = new(
            source, width, new AxisTaps(region.X, region.Width, width, newWidth), new AxisTaps(region.Y, region.Height, height, newHeight));
        for (int y = 0; y < newHeight; y++)
        {
            Span<float> target = destination.Slice(y * newWidth, newWidth);
            rows.Row(y, target);
            foreach (ref float value in target)
                value = Math.Clamp(value, 0f, 1f); // weights sum to 1 except for rounding
        }
    }
}
