using System.Diagnostics;
using SkiaSharp;
using Spn;
using Spn.Diagnostics;
using Spn.Metrics;

// Does everything that needs no TorchSharp, and lists the native libraries that the process has loaded.
string folder = args[0];
const int Size = 128, Block = 16;
static bool Disc(int x, int y) => (x - 60) * (x - 60) + (y - 66) * (y - 66) < 40 * 40;
static bool Coarse(int x, int y) => Disc(x / Block * Block + Block / 2, y / Block * Block + Block / 2);
string photo = Path.Combine(folder, "photo.png"), coarse = Path.Combine(folder, "coarse.png"), output = Path.Combine(folder, "refined.png");
Draw(photo, (x, y) => Disc(x, y) ? new SKColor(200, 120, 40) : new SKColor(60, 90, 130));
Draw(coarse, (x, y) => Coarse(x, y) ? SKColors.White : SKColors.Black);
BinaryMask truth = BinaryMask.From([.. Enumerable.Range(0, Size * Size).Select(i => Disc(i % Size, i / Size))], Size, Size);

SpnRefiner.Refine(photo, coarse).Save(output);
Report("default", Mask.Load(output));
foreach (SpnModel model in new[] { SpnModel.Fast, SpnModel.Quality })
{
    using Refiner refiner = SpnRefiner.Configure().WithModel(model).WithMaxThreads(2).Build();
    Report(model.Name, refiner.Refine(photo, coarse));
}
using (Refiner edges = SpnRefiner.Configure().WithMethod(new EdgeGuidance()).WithChangeLimit().WithSpecksRemoved(9).WithHardOutput().Build())
    Report("edges", await edges.RefineAsync(photo, coarse));

LabelMap labels = SpnRefiner.Refine(photo, LabelMap.FromPixels(
    [.. Enumerable.Range(0, Size * Size).Select(i => Coarse(i % Size, i / Size) ? (byte)3 : (byte)0)], Size, Size));
Report("labels", Mask.Load(MaskInput.FromPixels([.. labels.Labels.ToArray().Select(label => label == 3 ? 1f : 0f)], Size, Size)));
ClassProbabilities classes = SpnRefiner.Refine(photo, ClassProbabilities.FromPixels(
    [.. Enumerable.Range(0, 2 * Size * Size).Select(i => Coarse(i % Size, i / Size % Size) == i < Size * Size ? 0.9f : 0.1f)], 2, Size, Size));
Report("classes", classes[0]);

using (Refiner tiles = SpnRefiner.Configure().WithTiles(256).Build())
{
    byte[] pixels = [.. Enumerable.Range(0, 3 * 2100 * 300).Select(i => (byte)(i / 3 % 2100 < 900 ? 40 : 200))];
    tiles.Refine(
        ImageInput.FromPixels(pixels, 2100, 300, PixelFormat.Rgb24),
        MaskInput.FromPixels([.. Enumerable.Range(0, 70 * 10).Select(i => i % 70 < 31 ? 1f : 0f)], 70, 10), out RefineReport report);
    Console.WriteLine($"tiles: {report.Tiles}");
    RgbaImage cutOut = tiles.CutOut(photo, coarse).CropToObject();
    Console.WriteLine($"cut-out: {cutOut.Width / 10}");
    Console.WriteLine($"affinity: {tiles.Affinity(photo, 60, 66)[60, 66]:F1}");
}
Console.WriteLine(SpnDiagnostics.Describe());
using Process process = Process.GetCurrentProcess();
foreach (ProcessModule module in process.Modules)
{
    if (Path.GetFileName(module.FileName) is { } name && name.Contains(".so", StringComparison.Ordinal))
        Console.WriteLine($"native: {name}");
}

void Report(string what, Mask refined)
    => Console.WriteLine($"{what}: IoU {MaskMetrics.IoU(BinaryMask.From(refined.Pixels, Size, Size), truth):F4}");

static void Draw(string path, Func<int, int, SKColor> color)
{
    using SKBitmap picture = new(Size, Size);
    for (int y = 0; y < Size; y++)
    {
        for (int x = 0; x < Size; x++)
            picture.SetPixel(x, y, color(x, y));
    }
    using FileStream file = File.Create(path);
    picture.Encode(file, SKEncodedImageFormat.Png, 100);
}
