using TorchSharp;
using Xunit;

namespace Spn.SystemTests.Memory;

/// <summary>Many calls, many threads and a garbage collector that never rests. Alone in the process, whose memory it measures.</summary>
[Collection(nameof(Alone))]
public sealed class EnduranceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _photo, _mask;
    private readonly LabelMap _labels = LabelMap.FromPixels([.. Enumerable.Range(0, 96 * 64).Select(i => i % 96 / 24)], 96, 64);

    public EnduranceTests()
    {
        _photo = _folder.File("photo.png", Pictures.ColourPng(96, 64));
        _mask = _folder.File("mask.png", Pictures.GreyPng(12, 8, (x, y) => (byte)(20 * x + y)));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Threads_share_a_refiner_while_another_collects_garbage()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        float[] expected = refiner.Refine(_photo, _mask).Pixels.ToArray();
        int[] expectedLabels = refiner.Refine(_photo, _labels).Labels.ToArray();
        int workers = torch.get_num_threads();
        using var collector = new RestlessCollector();
        Parallel.For(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            torch.set_num_threads(workers); // of this thread: libtorch rounds by their number
            if (i % 3 == 0)
                Assert.Equal(expectedLabels, refiner.Refine(_photo, _labels).Labels.ToArray());
            else
                Assert.Equal(expected, refiner.Refine(_photo, _mask).Pixels.ToArray());
        });
    }

    [Fact]
    public void Thousands_of_calls_leave_memory_flat()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        Work(200);
        // An image's float planes are 72 KiB: losing them in every second call would show.
        const long limit = 24 << 20;
        long grown = ProcessMemory.Growth(limit, () => Work(800));
        Assert.True(grown < limit, $"{grown / 1024.0 / 1024:F1} MiB more after 800 calls");

        void Work(int calls)
        {
            for (int i = 0; i < calls; i++)
            {
                refiner.Refine(_photo, _mask);
                if (i % 4 == 0)
                    refiner.Refine(_photo, _labels);
                if (i % 8 == 0)
                    Assert.Throws<FileNotFoundException>(() => refiner.Refine(_photo, "missing.png"));
            }
        }
    }
}
