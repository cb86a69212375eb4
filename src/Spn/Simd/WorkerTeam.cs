using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Spn.Simd;

/// <summary>
/// Runs independent units of work on the calling thread and threads of the pool. The caller takes units too, so a starved pool only makes
/// it slower, never stuck. Nothing is allocated in the steady state: a team is reused once its last worker has left.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Pooled for the life of the process.")]
internal sealed unsafe class WorkerTeam : IThreadPoolWorkItem
{
    private static readonly Stack<WorkerTeam> s_idle = new();

    private readonly ManualResetEventSlim _done = new();
    private delegate*<void*, int, void> _body;
    private void* _state;
    private int _count;
    private int _next;
    private int _unfinished;
    private int _members;
    private ExceptionDispatchInfo? _error;

    /// <summary>
    /// Calls body(state, unit) for every unit in 0..count-1 and returns when all are done; the first exception is thrown here.
    /// </summary>
    public static void Run(int count, int threads, delegate*<void*, int, void> body, void* state)
    {
        int helpers = Math.Min(threads, count) - 1;
        if (helpers <= 0)
        {
            for (int unit = 0; unit < count; unit++)
                body(state, unit);
            return;
        }

        WorkerTeam team = Take();
        team._body = body;
        team._state = state;
        team._count = count;
        team._next = 0;
        team._unfinished = count;
        team._error = null;
        team._members = helpers + 1;
        team._done.Reset();
        for (int i = 0; i < helpers; i++)
            ThreadPool.UnsafeQueueUserWorkItem(team, preferLocal: false);
        team.Work();
        team.WaitForAll();
        ExceptionDispatchInfo? error = team._error;
        team.Leave();
        error?.Throw();
    }

    void IThreadPoolWorkItem.Execute()
    {
        Work();
        Leave();
    }

    private void Work()
    {
        for (int unit; (unit = Interlocked.Increment(ref _next) - 1) < _count;)
        {
            try
            {
                _body(_state, unit);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(e), null);
            }

            if (Interlocked.Decrement(ref _unfinished) == 0)
                _done.Set();
        }
    }

    /// <summary>
    /// Waits even through <see cref="Thread.Interrupt"/>: leaving early would free memory that the other threads still work on.
    /// </summary>
    private void WaitForAll()
    {
        for (bool interrupted = false; ;)
        {
            try
            {
                _done.Wait();
                if (interrupted)
                    Thread.CurrentThread.Interrupt();
                return;
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _members) > 0)
            return;
        lock (s_idle)
            s_idle.Push(this);
    }

    private static WorkerTeam Take()
    {
        lock (s_idle)
        {
            if (s_idle.TryPop(out WorkerTeam? team))
                return team;
        }

        return new WorkerTeam();
    }
}
