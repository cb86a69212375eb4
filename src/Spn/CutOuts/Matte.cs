namespace Spn.CutOuts;

/// <summary>
/// An image and its alpha. Levels of half their size, a quarter and so on take the pixel that is nearest to the centre of theirs.
/// </summary>
/// <param name="image"><c>[3, height, width]</c> in 0..1.</param>
/// <param name="alpha"><c>[height, width]</c> in 0..1.</param>
/// <param name="width">Pixels per row.</param>
/// <param name="height">Rows.</param>
internal readonly unsafe struct Matte(float* image, float* alpha, int width, int height)
{
    public readonly float* Image = image;

    public readonly float* Alpha = alpha;

    public long Pixels => (long)width * height;

    /// <param name="shift">How often the size is halved, rounding up.</param>
    public int WidthAt(int shift) => (width + (1 << shift) - 1) >> shift;

    /// <inheritdoc cref="WidthAt"/>
    public int HeightAt(int shift) => (height + (1 << shift) - 1) >> shift;

    /// <summary>The row of the full size that a level's row shows.</summary>
    /// <param name="map">A map of the full size.</param>
    /// <param name="y">The level's row.</param>
    /// <param name="shift">How often the size is halved.</param>
    public float* Row(float* map, int y, int shift) => map + (long)Nearest(y, shift, height) * width;

    /// <summary>The column of the full size that a level's column shows.</summary>
    /// <param name="x">The level's column.</param>
    /// <param name="shift">How often the size is halved.</param>
    public int Column(int x, int shift) => Nearest(x, shift, width);

    private static int Nearest(int position, int shift, int size) => Math.Min((position << shift) + (1 << shift >> 1), size - 1);
}
