using System.Numerics;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// The CPU backend. It divides a round into units of work and runs the kernel for the element type, vector width, gate rule and connection.
/// Results are bit-identical for any number of threads.
/// </summary>
internal static unsafe class CpuPropagation
{
    // With fewer pixel steps per thread, starting a thread takes longer than it saves.
    private const long WorkPerThread = 1 << 14;

    // x, h and the output of channels that are scanned together should stay in the caches during all four directions.
    private const long ChunkBytes = 4 << 20;

    /// <summary>Computes one round over memory that the caller keeps alive.</summary>
    /// <param name="job">The shape, the merge and the buffers.</param>
    /// <param name="normalization">How raw guidance is normalised to gates.</param>
    /// <param name="threads">The maximum number of threads.</param>
    /// <param name="level">The vector width.</param>
    public static void Forward<T>(ref ForwardJob<T> job, GateNormalization normalization, int threads, SimdLevel level)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        PropagationShape shape = job.Shape;
        if (shape.Batch == 0 || shape.Channels == 0 || shape.Plane == 0)
            return;
        threads = Limit(threads, shape);
        int groups = shape.Batch * shape.Groups;
        long planeBytes = (long)shape.Plane * sizeof(T);
        int cached = (int)Math.Clamp(ChunkBytes / planeBytes, 1, shape.ChannelsPerGroup);
        int chunks = (shape.ChannelsPerGroup + cached - 1) / cached;
        // Too few groups for the threads: divide the channels of a group. If there is only one, scan the directions in parallel.
        job.Chunks = Math.Clamp(Math.Max(chunks, (threads + groups - 1) / groups), 1, shape.ChannelsPerGroup);
        int units = groups * job.Chunks;
        job.Split = Split(shape, units, threads);

        bool merged = job.Output != null;
        bool bothSweeps = shape is { ColumnDirections: > 0, RowDirections: > 0 };
        bool ownHidden = job.Split == DirectionSplit.ByDirection && job.Hidden == null;
        bool ownRows = job.Hidden == null && bothSweeps && (job.Split == DirectionSplit.BySweep || (job.Split == DirectionSplit.Together && job.Merge == DirectionMerge.Mean));
        using Scratch.Lease lease = ownHidden ? Scratch.Rent(shape.HiddenSize * sizeof(T)) : ownRows ? Scratch.Rent(shape.XSize * sizeof(T)) : default;
        if (ownHidden)
            job.Hidden = (T*)lease.Pointer;
        job.Rows = ownRows ? (T*)lease.Pointer : null;
        int parts = job.Split switch { DirectionSplit.ByDirection => shape.DirectionCount, DirectionSplit.BySweep => 2, _ => 1 };
        fixed (ForwardJob<T>* state = &job)
        {
            WorkerTeam.Run(units * parts, threads, Kernels<T>.Forward(level, normalization, shape.Connection, job.InputGate != null), state);
            if (parts > 1 && merged)
                WorkerTeam.Run(shape.Batch * shape.Channels, threads, Kernels<T>.Merge(level), state);
        }

        if (ownHidden)
            job.Hidden = null;
    }

    private static DirectionSplit Split(in PropagationShape shape, int units, int threads)
    {
        if (units >= threads || shape.DirectionCount == 1)
            return DirectionSplit.Together;
        return 2 * units >= threads && shape is { ColumnDirections: > 0, RowDirections: > 0 } ? DirectionSplit.BySweep : DirectionSplit.ByDirection;
    }

    public static void Backward<T>(ref BackwardJob<T> job, GateNormalization normalization, int threads, SimdLevel level)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        PropagationShape shape = job.Shape;
        if (shape.Batch == 0 || shape.Channels == 0 || shape.Plane == 0)
            return;
        threads = Limit(threads, shape);
        int units = shape.Batch * shape.Groups;
        bool byDirection = units < threads && shape.DirectionCount > 1;
        using Scratch.Lease lease = byDirection ? Scratch.Rent(shape.HiddenSize * sizeof(T)) : default;
        job.GradXParts = byDirection ? (T*)lease.Pointer : null;
        delegate*<void*, int, void> scan = Kernels<T>.Backward(level, normalization, shape.Connection, job.InputGate != null);
        fixed (BackwardJob<T>* state = &job)
        {
            WorkerTeam.Run(byDirection ? units * shape.DirectionCount : units, threads, scan, state);
            if (byDirection)
                WorkerTeam.Run(shape.Batch * shape.Channels, threads, Kernels<T>.Sum(level), state);
        }
    }

    private static int Limit(int threads, in PropagationShape shape)
    {
        long steps = (long)shape.Batch * shape.Channels * shape.DirectionCount * shape.Plane;
        return (int)Math.Clamp(steps / WorkPerThread, 1, Math.Max(threads, 1));
    }
}
