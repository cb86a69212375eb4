using Microsoft.Extensions.Options;
using Spn.Orleans.Silo;
using Xunit;

namespace Spn.Orleans.Tests.Silo;

public sealed class ItemGateTests
{
    [Fact]
    public async Task Items_are_refined_together_or_one_of_them_alone()
    {
        using ItemGate gate = new(Options.Create(new RefineSiloOptions { MaxConcurrency = 3, ShardsPerSilo = 2 }));
        int together = 0, alone = 0, most = 0;
        async Task EnterAsync(bool isAlone)
        {
            using IDisposable place = isAlone ? await gate.EnterAloneAsync(default) : await gate.EnterAsync(default);
            if (isAlone)
                Assert.Equal(1, Interlocked.Increment(ref alone));
            else
                InterlockedMax(ref most, Interlocked.Increment(ref together));
            await Task.Delay(2);
            Assert.True(isAlone ? Volatile.Read(ref together) == 0 : Volatile.Read(ref alone) == 0);
            if (isAlone)
                Interlocked.Decrement(ref alone);
            else
                Interlocked.Decrement(ref together);
        }

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => EnterAsync(isAlone: i % 7 == 0))));
        Assert.InRange(most, 2, 6);
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_gate_open()
    {
        using ItemGate gate = new(Options.Create(new RefineSiloOptions { MaxConcurrency = 2, ShardsPerSilo = 1 }));
        IDisposable place = await gate.EnterAsync(default);
        using CancellationTokenSource stop = new();
        Task<IDisposable> alone = gate.EnterAloneAsync(stop.Token);
        Assert.False(alone.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        place.Dispose();
        (await gate.EnterAloneAsync(default)).Dispose();
        (await gate.EnterAsync(default)).Dispose();
        (await gate.EnterAsync(default)).Dispose();
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (int seen = most; value > seen; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
