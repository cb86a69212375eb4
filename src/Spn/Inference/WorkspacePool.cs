using Spn.Simd;

namespace Spn.Inference;

/// <summary>
/// The workspaces of the process. A call leases one; more calls than there are workspaces wait for their turn, which bounds the memory of
/// many calls together. What is idle for some seconds gives its memory back to the system.
/// </summary>
internal static class WorkspacePool
{
    private const int IdleMilliseconds = 10_000;

    private static readonly SemaphoreSlim s_slots = new(Math.Max(2, Environment.ProcessorCount));
    private static readonly Stack<Workspace> s_idle = new();
    private static readonly Timer s_trim = new(_ => Trim(IdleMilliseconds));

    /// <summary>Waits for a workspace and prepares it.</summary>
    public static Lease Rent(WorkspacePlan plan, SimdLevel level, int threads)
    {
        s_slots.Wait();
        Workspace? workspace = null;
        try
        {
            lock (s_idle)
                workspace = s_idle.TryPop(out Workspace? idle) ? idle : new Workspace();
            workspace.Prepare(plan, level, threads);
            return new Lease(workspace);
        }
        catch
        {
            if (workspace is not null)
                Return(workspace);
            throw;
        }
    }

    /// <summary>Frees the memory of workspaces that have been idle for a while.</summary>
    /// <param name="milliseconds">How long.</param>
    internal static void Trim(int milliseconds)
    {
        lock (s_idle)
        {
            bool left = false;
            foreach (Workspace workspace in s_idle)
            {
                if (Environment.TickCount64 - workspace.IdleSince >= milliseconds)
                    workspace.Free();
                left |= workspace.Capacity > 0;
            }
            if (left)
                s_trim.Change(IdleMilliseconds, Timeout.Infinite);
        }
    }

    private static void Return(Workspace workspace)
    {
        workspace.IdleSince = Environment.TickCount64;
        lock (s_idle)
        {
            s_idle.Push(workspace);
            s_trim.Change(IdleMilliseconds, Timeout.Infinite);
        }
        s_slots.Release();
    }

    /// <summary>A call's workspace until it is disposed.</summary>
    public readonly ref struct Lease(Workspace workspace)
    {
        public Workspace Workspace => workspace;

        public void Dispose() => Return(workspace);
    }
}
