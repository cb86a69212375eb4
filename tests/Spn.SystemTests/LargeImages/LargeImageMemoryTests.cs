using System.Globalization;
using Spn.Native;
using TorchSharp;
using Xunit;

namespace Spn.SystemTests.LargeImages;

/// <summary>Memory of large images and many classes: tiles bound its peak, and idle memory goes back to the system.</summary>
[Collection(nameof(Alone))]
public sealed class LargeImageMemoryTests(ITestOutputHelper output)
{
    private const string Peak = "/proc/self/clear_refs";
    private const long Megabyte = 1 << 20;

    [Fact]
    public void Twice_the_tiles_take_no_more_than_image_and_masks_do()
    {
        Assert.SkipUnless(File.Exists(Peak), "Only Linux reports the peak of memory.");
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        const int height = 352, once = 6144, twice = 12_288;
        PeakOf(refiner, once, height); // the model
        (long few, int fewTiles) = MinPeakOf(refiner, once, height);
        (long many, int manyTiles) = MinPeakOf(refiner, twice, height);
        output.WriteLine($"{fewTiles} tiles: {few / Megabyte} MB, {manyTiles} tiles: {many / Megabyte} MB");

        Assert.True(fewTiles >= 3 && manyTiles >= 2 * fewTiles, $"{fewTiles} and {manyTiles} tiles");
        // Planes and result take 40 bytes per pixel. Without tiles guidance and propagation take 270 more.
        Assert.InRange(many - few, long.MinValue, 74L * (twice - once) * height);
    }

    [Fact]
    public void Idle_memory_goes_back()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithoutTiles().Build();
        Refine(); // the model
        const long limit = 64 * Megabyte; // the maps of one call are 600
        long grown = ProcessMemory.Growth(limit, Refine);
        output.WriteLine($"{grown / Megabyte} MB");
        Assert.InRange(grown, long.MinValue, limit);

        void Refine()
        {
            using DisposeScope scope = torch.NewDisposeScope();
            refiner.Refine(Seeded.Rand(1, [3, 1536, 1536]), Seeded.Rand(2, [1, 1536, 1536]));
            BlockPool.Trim(milliseconds: 0);
        }
    }

    [Fact]
    public void What_many_classes_took_goes_back()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        torch.Tensor image = Seeded.Rand(3, [3, 512, 512]), classes = Seeded.Rand(4, [21, 512, 512]).softmax(0);
        refiner.Refine(Seeded.Rand(5, [3, 64, 64]), Seeded.Rand(6, [1, 64, 64])); // the model
        const long limit = 110 * Megabyte; // kept, it is 150 to 240
        long grown = ProcessMemory.Growth(limit, () =>
        {
            for (int i = 0; i < 10; i++)
            {
                using torch.Tensor refined = refiner.RefineClasses(image, classes);
            }
            BlockPool.Trim(milliseconds: 0);
        });
        output.WriteLine($"{grown / Megabyte} MB");
        Assert.InRange(grown, long.MinValue, limit);
    }

    /// <summary>The lowest of several peaks: what other tests left in the process and the collector only add to it.</summary>
    [Fact]
    public void A_cut_out_of_16_megapixels_takes_at_most_29_bytes_per_pixel()
    {
        Assert.SkipUnless(File.Exists(Peak), "Only Linux reports the peak of memory.");
        const int width = 4928, height = 3264;
        ImageInput image = ImageInput.FromPixels(new byte[3 * width * height].AsMemory(), width, height, PixelFormat.Rgb24);
        Mask mask = Mask.Load(MaskInput.FromPixels(
            Enumerable.Range(0, width * height).Select(i => i % width / (float)width).ToArray().AsMemory(), width, height));
        long peak = Enumerable.Range(0, 3).Min(_ =>
        {
            BlockPool.Trim(milliseconds: 0);
            long before = ProcessMemory.Resident();
            File.WriteAllText(Peak, "5"); // resets the peak
            mask.CutOut(image);
            return HighestMemory() - before;
        });
        output.WriteLine($"{peak / Megabyte} MB");
        // Planes of the image and the mask 16 bytes per pixel, the result 4, foreground and background of two levels 7.5.
        Assert.InRange(peak, 20L * width * height / 2, 29L * width * height);
    }

    private static (long Bytes, int Tiles) MinPeakOf(Refiner refiner, int width, int height)
        => Enumerable.Range(0, 3).Select(_ => PeakOf(refiner, width, height)).MinBy(peak => peak.Bytes);

    /// <summary>The highest memory of the process during a call, beyond what it held before, and the number of tiles.</summary>
    private static (long Bytes, int Tiles) PeakOf(Refiner refiner, int width, int height)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var image = (ImageInput)Seeded.Rand(7, [3, height, width]);
        var mask = (MaskInput)Seeded.Rand(8, [1, height, width]);
        BlockPool.Trim(milliseconds: 0);
        long before = ProcessMemory.Resident();
        File.WriteAllText(Peak, "5"); // resets the peak
        refiner.Refine(image, mask, out RefineReport report);
        return (HighestMemory() - before, report.Tiles);
    }

    private static long HighestMemory()
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmHWM", StringComparison.Ordinal));
        return long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
