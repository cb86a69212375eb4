using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// The forward scan. A unit of work is a number of channels that share gates, in one or all directions. Each direction visits its lines in
/// blocks. The raw guidance of a block is copied to scratch memory and normalised once for all channels of the unit. Then the lines of each
/// channel are copied, replaced in place by h = x + Σp·(h_prev - x), and merged into the output. Vectors lie along a line, so there is no
/// dependency within a step. Scratch memory stays in L1 and L2. x, the guidance and the output pass through main memory once per direction,
/// which limits the speed.
/// </summary>
internal static unsafe class ForwardScan<T, V, TRule, TThreeWay, TInputGate>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged, ISimdVector<V, T>
    where TRule : IGateRule
    where TThreeWay : IFlag
    where TInputGate : IFlag
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(void* state, int unit)
    {
        ref readonly ForwardJob<T> job = ref *(ForwardJob<T>*)state;
        PropagationShape shape = job.Shape;
        (int firstDirection, int endDirection) = (0, shape.DirectionCount);
        if (job.Split == DirectionSplit.ByDirection)
        {
            (unit, firstDirection) = Math.DivRem(unit, shape.DirectionCount);
            endDirection = firstDirection + 1;
        }
        else if (job.Split == DirectionSplit.BySweep)
        {
            (unit, int sweep) = Math.DivRem(unit, 2);
            (firstDirection, endDirection) = sweep == 0 ? (0, shape.ColumnDirections) : (shape.ColumnDirections, shape.DirectionCount);
        }

        (int group, int chunk) = Math.DivRem(unit, job.Chunks);
        (int n, int g) = Math.DivRem(group, shape.Groups);
        int firstChannel = g * shape.ChannelsPerGroup + (int)((long)chunk * shape.ChannelsPerGroup / job.Chunks);
        int endChannel = g * shape.ChannelsPerGroup + (int)((long)(chunk + 1) * shape.ChannelsPerGroup / job.Chunks);

        nint size = ScanGeometry.ScratchSize(shape, sizeof(T), blockLines: 5, otherLines: endChannel - firstChannel);
        using Scratch.Lease lease = Scratch.Rent(size * sizeof(T));
        T* scratch = (T*)lease.Pointer + LineTile.Pad;

        for (int d = firstDirection; d < endDirection; d++)
            Scan(job, n, g, d, firstChannel, endChannel, scratch);

        if (job.Split == DirectionSplit.Together && job.Output != null)
        {
            for (int c = firstChannel; c < endChannel; c++)
                MergePass<T, V>.Run(job, n, c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scan(in ForwardJob<T> job, int n, int g, int d, int firstChannel, int endChannel, T* scratch)
    {
        PropagationShape shape = job.Shape;
        var scan = new ScanGeometry(shape, shape.DirectionAt(d), sizeof(T), inReverse: false);
        nint stride = LineTile.Stride(scan.Length);
        T* gates = scratch;
        T* inputGates = gates + 3 * scan.Block * stride;
        T* work = inputGates + scan.Block * stride;
        T* last = work + scan.Block * stride;
        bool isSingle = endChannel - firstChannel == 1;
        GateLines.ClearPads(work, scan.Block + endChannel - firstChannel, scan.Length, stride);

        for (int i = 0; i < scan.Blocks; i++)
        {
            (int first, int count) = scan.BlockAt(i);
            GateLines.Load<T, V, TRule, TThreeWay>(job.Guidance, shape, scan, n, d, g, first, count, gates, stride);
            for (int b = 0; b < count && !isSingle && !TRule.IsIdentity; b++)
                GateLines.Normalize<T, V, TRule, TThreeWay>(gates + b * stride, gates + b * stride, scan.Block * stride, LineTile.Padded(scan.Length));
            if (TInputGate.IsOn)
                LineTile.Load<T, V>(job.InputGate + shape.InputGatePlane(n, d, g), scan, first, count, inputGates, stride, T.Zero);

            T* previous = last;
            for (int c = firstChannel; c < endChannel; c++, previous += stride)
            {
                LineTile.Load<T, V>(job.X + shape.XPlane(n, c), scan, first, count, work, stride, T.Zero);
                ScanBlock(scan, i == 0, isSingle, count, work, previous, gates, inputGates, stride);
                Emit(job, scan, n, d, c, first, count, work, stride);
            }
        }
    }

    /// <summary>
    /// Scans a block of lines of one channel, from x to h in place. <paramref name="last"/> passes the last line on to the next block.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScanBlock(in ScanGeometry scan, bool isFirst, bool isSingle, int count, T* work, T* last, T* gates, T* inputGates, nint stride)
    {
        int length = LineTile.Padded(scan.Length);
        nint nextGate = scan.Block * stride;
        T* previous = last;
        for (int s = 0; s < count; s++)
        {
            int b = scan.Backwards ? count - 1 - s : s;
            T* line = work + b * stride;
            if (isFirst && s == 0)
                FirstLine(line, inputGates + b * stride, length);
            else if (isSingle)
                Step<On>(line, previous, gates + b * stride, nextGate, inputGates + b * stride, length);
            else
                Step<Off>(line, previous, gates + b * stride, nextGate, inputGates + b * stride, length);
            previous = line;
        }

        LineTile.Copy<T, V>(previous, last, length);
    }

    /// <summary>Scans one line. With <typeparamref name="TRaw"/> the gates are still raw, because no other channel needs them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<TRaw>(T* line, T* previous, T* gates, nint nextGate, T* inputGates, int length)
        where TRaw : IFlag
    {
        for (int i = 0; i < length; i += V.Width)
        {
            V p1 = V.Load(gates + nextGate + i);
            V p0 = TThreeWay.IsOn ? V.Load(gates + i) : default;
            V p2 = TThreeWay.IsOn ? V.Load(gates + 2 * nextGate + i) : default;
            if (TRaw.IsOn)
                TRule.Normalize<T, V, TThreeWay>(ref p0, ref p1, ref p2);

            V x = V.Load(line + i);
            V h = TInputGate.IsOn ? V.Load(inputGates + i) * x : x;
            // With an input gate there is no 1 - Σp, so the neighbours are added themselves instead of their differences to x.
            V origin = TInputGate.IsOn ? default : x;
            h = V.MultiplyAdd(p1, V.Load(previous + i) - origin, h);
            if (TThreeWay.IsOn)
            {
                h = V.MultiplyAdd(p0, V.Load(previous + i - 1) - origin, h);
                h = V.MultiplyAdd(p2, V.Load(previous + i + 1) - origin, h);
            }

            V.Store(h, line + i);
        }
    }

    /// <summary>The scan's first line has no gates: h = x, or λ·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FirstLine(T* line, T* inputGates, int length)
    {
        for (int i = 0; TInputGate.IsOn && i < length; i += V.Width)
            V.Store(V.Load(line + i) * V.Load(inputGates + i), line + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Emit(in ForwardJob<T> job, in ScanGeometry scan, int n, int d, int c, int first, int count, T* work, nint stride)
    {
        PropagationShape shape = job.Shape;
        if (job.Hidden != null)
        {
            LineTile.Store<T, V, Replace>(work, stride, job.Hidden + shape.HiddenPlane(n, d, c), scan, first, count, default);
            return;
        }

        // Columns are merged first, then rows. Rows have a separate map, unless the merge is a maximum, which can go into the columns' map.
        bool ownRows = job.Rows != null && !scan.Columns;
        T* plane = (ownRows ? job.Rows : job.Output) + shape.XPlane(n, c);
        int before = ownRows ? d - shape.ColumnDirections : d;
        if (before == 0)
            LineTile.Store<T, V, Replace>(work, stride, plane, scan, first, count, default);
        else if (job.Merge == DirectionMerge.Max)
            LineTile.Store<T, V, KeepLarger>(work, stride, plane, scan, first, count, default);
        else
            LineTile.Store<T, V, RunningMean>(work, stride, plane, scan, first, count, T.One / T.CreateTruncating(before + 1));
    }
}
