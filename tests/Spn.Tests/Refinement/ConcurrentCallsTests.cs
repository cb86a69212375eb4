using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>The number of calls that work together is limited; others wait.</summary>
public sealed class ConcurrentCallsTests
{
    private const int Width = 16, Height = 12;

    private static ImageInput Photo() => Pictures.ColourPng(Width, Height);

    private static MaskInput Half() => MaskInput.FromPixels([.. Enumerable.Range(0, Width * Height).Select(i => i % Width < 8 ? 1f : 0f)], Width, Height);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task No_more_calls_than_the_limit_work_together(int limit)
    {
        int working = 0, most = 0;
        FakeGuidance method = new()
        {
            WhileGuiding = () =>
            {
                int now = Interlocked.Increment(ref working);
                InterlockedMax(ref most, now);
                Thread.Sleep(5);
                Interlocked.Decrement(ref working);
            },
        };
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(method).WithMaxConcurrentCalls(limit).Build();
        Task[] calls =
        [
            .. Enumerable.Range(0, 8).Select(_ => refiner.RefineAsync(Photo(), Half(), TestContext.Current.CancellationToken)),
            .. Enumerable.Range(0, 8).Select(_ => Task.Run(() => refiner.Refine(Photo(), Half()))),
        ];
        await Task.WhenAll(calls);
        Assert.Equal(16, method.Guided);
        Assert.InRange(most, 1, limit);
    }

    [Fact]
    public void A_method_may_call_a_refiner_without_waiting_for_itself()
    {
        Refiner? inner = null;
        int calls = 0;
        FakeGuidance method = new()
        {
            WhileGuiding = () =>
            {
                if (calls++ == 0)
                    inner!.Refine(Photo(), Half());
            },
        };
        using Refiner refiner = inner = SpnRefiner.Configure().OnCpu().WithMaxConcurrentCalls(1).WithMethod(method).Build();
        refiner.Refine(Photo(), Half());
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task A_waiting_call_can_be_cancelled_and_frees_its_place()
    {
        using ManualResetEventSlim begun = new(), go = new();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMaxConcurrentCalls(1).WithMethod(new FakeGuidance
        {
            WhileGuiding = () =>
            {
                begun.Set();
                go.Wait(TimeSpan.FromMinutes(1));
            },
        }).Build();
        Task<Mask> first = refiner.RefineAsync(Photo(), Half(), TestContext.Current.CancellationToken);
        Assert.True(begun.Wait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        using CancellationTokenSource source = new();
        Task<Mask> second = refiner.RefineAsync(Photo(), Half(), source.Token);
        source.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        go.Set();
        await first;
        Assert.Throws<FileNotFoundException>(() => refiner.Refine("missing.png", Half())); // a failure frees its place, too
        Assert.Equal(Width, refiner.Refine(Photo(), Half()).Width);
    }

    [Fact]
    public void Limits_below_one_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("calls", () => SpnRefiner.Configure().WithMaxConcurrentCalls(0));
        Assert.Throws<ArgumentOutOfRangeException>("threads", () => SpnRefiner.Configure().WithMaxThreads(0));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (int seen = Volatile.Read(ref target); value > seen;)
        {
            int before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
                return;
            seen = before;
        }
    }
}
