using SkiaSharp;

namespace Spn.Cli.Tests;

/// <summary>Small photos of a disc, and coarse masks of blocks.</summary>
internal static class Scene
{
    private const int Block = 8;

    /// <summary>A photo of 96 x 64 pixels as a JPEG.</summary>
    /// <param name="x">The disc's column.</param>
    /// <param name="side">Larger photos: 1 is 96 x 64.</param>
    public static byte[] Photo(int x = 48, int side = 1)
    {
        using SKBitmap photo = Pictures.Bitmap(
            96 * side, 64 * side, (column, row) => IsInside(column / side, row / side, x) ? new(200, 120, 40) : new(60, 90, 130));
        return Pictures.Encode(photo, SKEncodedImageFormat.Jpeg, 95);
    }

    public static byte[] Mask(int x = 48, int side = 1)
        => Pictures.GreyPng(96 * side, 64 * side, (column, row) => IsCoarse(column / side, row / side, x) ? (byte)255 : (byte)0);

    /// <summary>A palette PNG: 0 background, 3 the disc.</summary>
    public static byte[] Labels()
    {
        int[,] labels = new int[64, 96];
        for (int y = 0; y < 64; y++)
        {
            for (int x = 0; x < 96; x++)
                labels[y, x] = IsCoarse(x, y, 48) ? 3 : 0;
        }
        return PngFile.Make(labels, 8, PngFile.VocPalette());
    }

    /// <summary>The disc itself.</summary>
    public static byte[] Truth() => Pictures.GreyPng(96, 64, (x, y) => IsInside(x, y, 48) ? (byte)255 : (byte)0);

    /// <summary>The file that the library makes of the same inputs.</summary>
    public static byte[] Refined(ImageInput photo, MaskInput mask, Func<RefinerBuilder, RefinerBuilder>? configure = null)
    {
        using Refiner refiner = (configure ?? (builder => builder))(SpnRefiner.Configure().OnCpu()).Build();
        using MemoryStream file = new();
        refiner.Refine(photo, mask).Save(file);
        return file.ToArray();
    }

    private static bool IsInside(int x, int y, int center) => (x - center) * (x - center) + (y - 33) * (y - 33) < 22 * 22;

    private static bool IsCoarse(int x, int y, int center)
        => IsInside(x / Block * Block + Block / 2, y / Block * Block + Block / 2, center);
}
