using System.Runtime.CompilerServices;
using SkiaSharp;
using Spn;
using Spn.Diagnostics;
using TorchSharp;

// The first argument says what the app does, and in which order.
switch (args)
{
    case ["torch-first"]:
        UseTorch();
        UseSpn();
        break;
    case ["spn-first"]:
        UseSpn();
        UseTorch();
        break;
    case ["refine", string folder]:
        Refine(folder);
        break;
}

// Not inlined: compiling a method that calls Spn would already load it.
[MethodImpl(MethodImplOptions.NoInlining)]
static void UseTorch()
{
    using torch.Tensor numbers = torch.arange(4), sum = numbers.sum();
    Console.WriteLine($"torch says {sum.item<long>()}");
}

[MethodImpl(MethodImplOptions.NoInlining)]
static void UseSpn() => Console.WriteLine(SpnDiagnostics.Describe());

// A disc, and a mask of it in coarse blocks.
[MethodImpl(MethodImplOptions.NoInlining)]
static void Refine(string folder)
{
    const int Size = 128, Block = 16;
    static bool Disc(int x, int y) => ((x - 60) * (x - 60)) + ((y - 66) * (y - 66)) < 40 * 40;
    string photo = Path.Combine(folder, "photo.png"), coarse = Path.Combine(folder, "coarse.png"), refined = Path.Combine(folder, "refined.png");
    Draw(photo, (x, y) => Disc(x, y) ? new SKColor(200, 120, 40) : new SKColor(60, 90, 130));
    Draw(coarse, (x, y) => Disc((x / Block * Block) + (Block / 2), (y / Block * Block) + (Block / 2)) ? SKColors.White : SKColors.Black);

    SpnRefiner.Refine(photo, coarse).Save(refined);

    Console.WriteLine($"wrong pixels: {Wrong(coarse)} before, {Wrong(refined)} after");

    static void Draw(string path, Func<int, int, SKColor> color)
    {
        using var picture = new SKBitmap(Size, Size);
        for (int y = 0; y < Size; y++)
            for (int x = 0; x < Size; x++)
                picture.SetPixel(x, y, color(x, y));
        using FileStream file = File.Create(path);
        picture.Encode(file, SKEncodedImageFormat.Png, 100);
    }

    static int Wrong(string path)
    {
        using SKBitmap mask = SKBitmap.Decode(path);
        return Enumerable.Range(0, Size * Size).Count(i => mask.GetPixel(i % Size, i / Size).Red >= 128 != Disc(i % Size, i / Size));
    }
}
