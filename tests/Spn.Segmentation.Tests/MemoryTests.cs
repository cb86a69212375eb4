using SkiaSharp;
using Spn.Segmentation.Tests.References;
using Xunit;

namespace Spn.Segmentation.Tests;

[Collection(nameof(Alone))]
public sealed class MemoryTests
{
    private const int Size = 128, Classes = 8;

    /// <summary>A call takes about 7 MB here, all of it the garbage collector's.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Calls_keep_no_memory(bool cancelled)
    {
        using SKBitmap image = Pictures.Bitmap(Size, Size, (x, y) => new SKColor((byte)x, (byte)y, (byte)(x * y)));
        var coarse = ClassProbabilities.FromPixels(Scenes.Noisy(Size, Classes), Classes, Size, Size);
        var crf = new DenseCrf(new DenseCrfOptions { Iterations = 1 });
        crf.Refine(image, coarse);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 5; i++)
        {
            try
            {
                crf.Refine(image, coarse, new CancellationToken(cancelled));
            }
            catch (OperationCanceledException)
            {
                Assert.True(cancelled);
            }
        }
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 1_000_000);
    }

    /// <summary>
    /// The kernels work on addresses. Once the JIT has optimized their callers, it keeps no reference that they do not use, and a collection
    /// during a call would free the memory.
    /// </summary>
    [Fact]
    public void Memory_in_use_is_not_collected()
    {
        const int size = 48;
        using SKBitmap image = Pictures.Colours(size, size);
        var coarse = ClassProbabilities.FromPixels(Scenes.Noisy(size, Classes), Classes, size, size);
        var crf = new DenseCrf(new DenseCrfOptions { Iterations = 2, Threads = 1 });
        float[] expected = crf.Refine(image, coarse).Pixels.ToArray();
        using var collector = new RestlessCollector();
        for (int i = 0; i < 400; i++)
            Assert.True(expected.AsSpan().SequenceEqual(crf.Refine(image, coarse).Pixels), $"Call {i} gives another result.");
    }
}
