using Spn.Simd;
using Xunit;

namespace Spn.Tests.Propagation.Cpu;

/// <summary>Units of work run once each, and nobody returns before the last one is done, whatever happens.</summary>
public sealed unsafe class WorkerTeamTests
{
    private struct Log
    {
        public fixed int Runs[100];
        public int Started;
        public int Finished;
        public int Caller;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(1000)]
    public void Every_unit_runs_once(int threads)
    {
        for (int repeat = 0; repeat < 200; repeat++)
        {
            Log log = default;
            WorkerTeam.Run(100, threads, &Count, &log);
            for (int unit = 0; unit < 100; unit++)
                Assert.Equal(1, log.Runs[unit]);
        }
    }

    [Fact]
    public void A_failing_unit_throws_at_the_caller_and_the_others_still_run()
    {
        for (int repeat = 0; repeat < 50; repeat++)
        {
            Log log = default;
            Log* state = &log;
            var error = Assert.Throws<InvalidOperationException>(() => WorkerTeam.Run(100, 3, &CountAndFail, state));
            Assert.Equal("unit 42", error.Message);
            for (int unit = 0; unit < 100; unit++)
                Assert.Equal(1, log.Runs[unit]);
        }
    }

    [Fact]
    public void An_interrupted_caller_still_waits_for_its_helpers()
    {
        bool stillInterrupted = false;
        int finished = 0;
        var caller = new Thread(() =>
        {
            Log log = new() { Caller = Environment.CurrentManagedThreadId };
            Thread.CurrentThread.Interrupt();
            WorkerTeam.Run(2, 2, &SlowHelper, &log);
            finished = Volatile.Read(ref log.Finished);
            try
            {
                Thread.Sleep(1);
            }
            catch (ThreadInterruptedException)
            {
                stillInterrupted = true;
            }
        });
        caller.Start();
        caller.Join();
        Assert.Equal(1, finished);
        Assert.True(stillInterrupted, "the interrupt is passed on");
    }

    [Fact]
    public void Concurrent_callers_each_get_all_their_units()
    {
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Log log = default;
            WorkerTeam.Run(100, 3, &Count, &log);
            for (int unit = 0; unit < 100; unit++)
                Assert.Equal(1, log.Runs[unit]);
        });
    }

    private static void Count(void* state, int unit) => Interlocked.Increment(ref ((Log*)state)->Runs[unit]);

    private static void CountAndFail(void* state, int unit)
    {
        Count(state, unit);
        if (unit == 42)
            throw new InvalidOperationException("unit 42");
    }

    /// <summary>The caller's unit ends when the helper's has begun, so that the caller is the one who waits.</summary>
    private static void SlowHelper(void* state, int unit)
    {
        var log = (Log*)state;
        if (Environment.CurrentManagedThreadId == log->Caller)
        {
            while (Volatile.Read(ref log->Started) == 0)
                Thread.SpinWait(100);
            return;
        }

        Volatile.Write(ref log->Started, 1);
        Thread.Sleep(100);
        Interlocked.Increment(ref log->Finished);
    }
}
