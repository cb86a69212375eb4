using System.Collections.Concurrent;
using Spn.Simd;

namespace Spn.Inference;

/// <summary>The workspaces of the process: a call leases one, so that a steady state allocates nothing. Thread-safe.</summary>
internal static class WorkspacePool
{
    private static readonly ConcurrentBag<Workspace> s_idle = [];

    /// <summary>Leases a workspace that is prepared for a plan.</summary>
    /// <param name="plan">The layout of the call's memory.</param>
    /// <param name="level">The vector width.</param>
    /// <param name="threads">The maximum number of threads.</param>
    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    public static Lease Rent(WorkspacePlan plan, SimdLevel level, int threads)
    {
        Workspace workspace = s_idle.TryTake(out Workspace? idle) ? idle : new Workspace();
        workspace.Prepare(plan, level, threads);
        return new Lease(workspace);
    }

    /// <summary>A call's workspace until it is disposed.</summary>
    public readonly ref struct Lease(Workspace workspace)
    {
        public Workspace Workspace => workspace;

        public void Dispose()
        {
            workspace.Release();
            s_idle.Add(workspace);
        }
    }
}
