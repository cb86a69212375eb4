using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>
/// The backward scan visits the lines of the forward scan in reverse order. With gh = ∂L/∂h from the output and from the next line,
/// ∂L/∂x = (1 - Σp)·gh, ∂L/∂p_k = gh·(h_k - x), and p_k·gh goes to neighbour k (with an input gate: λ·gh, gh·h_k, and ∂L/∂λ = gh·x).
/// A unit of work is a group of gates in one or all directions. The gradients of the gates are therefore summed over the group's channels
/// in scratch memory, in a fixed order and without atomics, and the gradient of the normalisation is applied once. About ten scalars per
/// element and direction go through main memory.
/// </summary>
internal static unsafe class BackwardScan<T, V, TRule, TThreeWay, TInputGate>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged, ISimdVector<V, T>
    where TRule : IGateRule
    where TThreeWay : IFlag
    where TInputGate : IFlag
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(void* state, int unit)
    {
        ref readonly BackwardJob<T> job = ref *(BackwardJob<T>*)state;
        PropagationShape shape = job.Shape;
        int directions = shape.DirectionCount;
        int onlyDirection = -1;
        if (job.ByDirection)
            (unit, onlyDirection) = Math.DivRem(unit, directions);
        (int n, int g) = Math.DivRem(unit, shape.Groups);

        using Scratch.Lease lease = Scratch.Rent(BackwardLines<T>.Size(shape));
        for (int d = 0; d < directions; d++)
        {
            if (onlyDirection < 0 || onlyDirection == d)
                Scan(job, n, g, d, (T*)lease.Pointer);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scan(in BackwardJob<T> job, int n, int g, int d, T* scratch)
    {
        PropagationShape shape = job.Shape;
        var scan = new ScanGeometry(shape, shape.DirectionAt(d), sizeof(T), inReverse: true);
        var lines = new BackwardLines<T>(scan, shape.ChannelsPerGroup, TRule.IsIdentity, scratch);
        nint stride = lines.Stride;
        int length = LineTile.Padded(scan.Length);
        bool isSingle = shape.ChannelsPerGroup == 1;

        for (int i = scan.Blocks - 1; i >= 0; i--)
        {
            (int first, int count) = scan.BlockAt(i);
            GateLines.Load<T, V, TRule, TThreeWay>(job.Guidance, shape, scan, n, d, g, first, count, lines.Raw, stride);
            for (int b = 0; b < count && !isSingle && !TRule.IsIdentity; b++)
                GateLines.Normalize<T, V, TRule, TThreeWay>(lines.Raw + b * stride, lines.Gates + b * stride, lines.NextGate, length);
            if (TInputGate.IsOn)
                LineTile.Load<T, V>(job.InputGate + shape.InputGatePlane(n, d, g), scan, first, count, lines.InputGate, stride, T.Zero);

            for (int j = 0; j < shape.ChannelsPerGroup; j++)
            {
                int c = g * shape.ChannelsPerGroup + j;
                LineTile.Load<T, V>(job.X + shape.XPlane(n, c), scan, first, count, lines.X, stride, T.Zero);
                BackwardStaging<T, V>.LoadHidden(job.Hidden + shape.HiddenPlane(n, d, c), scan, i, first, count, lines);
                BackwardStaging<T, V>.LoadGradient(job, scan, n, d, c, first, count, lines);
                ScanBlock(scan, i == 0, j == 0, isSingle, count, lines, lines.Carry + j * stride);
                BackwardStaging<T, V>.StoreGradX(job, scan, n, d, c, first, count, lines);
            }

            for (int b = 0; b < count && !isSingle && !TRule.IsIdentity; b++)
                GateGradient(lines, b * stride, length);
            BackwardStaging<T, V>.StoreGateGradients(job, scan, n, d, g, first, count, lines);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScanBlock(in ScanGeometry scan, bool isFirst, bool isFirstChannel, bool isSingle, int count, in BackwardLines<T> lines, T* carry)
    {
        int length = LineTile.Padded(scan.Length);
        for (int s = count - 1; s >= 0; s--)
        {
            int b = scan.Backwards ? count - 1 - s : s;
            nint at = b * lines.Stride;
            if (isFirst && s == 0)
            {
                FirstLine(lines, at, carry, isFirstChannel, length);
            }
            else
            {
                T* previous = lines.Hidden + (scan.Backwards ? b + 2 : b) * lines.Stride;
                if (isSingle)
                    Step<On, On>(lines, at, previous, carry, length);
                else if (isFirstChannel)
                    Step<On, Off>(lines, at, previous, carry, length);
                else
                    Step<Off, Off>(lines, at, previous, carry, length);
                Gather(lines, carry, length);
            }
        }
    }

    /// <summary>
    /// One line of one channel. The first channel of a group (<typeparamref name="TFirst"/>) sets the gradients of the gates, and the
    /// others add to them. With <typeparamref name="TRaw"/> the group has one channel, so the normalisation and its gradient are computed
    /// here.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Step<TFirst, TRaw>(in BackwardLines<T> lines, nint at, T* previous, T* carry, int length)
        where TFirst : IFlag
        where TRaw : IFlag
    {
        nint next = lines.NextGate;
        T* gates = (TRaw.IsOn ? lines.Raw : lines.Gates) + at;
        T* gateGradient = lines.GateGradient + at;
        T* gradient = lines.Gradient + at;
        T* x = lines.X + at;
        T* inputGate = lines.InputGate + at;
        T* inputGateGradient = lines.InputGateGradient + at;
        T* spread = lines.Spread;
        nint nextSpread = lines.Stride;
        for (int i = 0; i < length; i += V.Width)
        {
            V gh = V.Load(gradient + i) + V.Load(carry + i);
            V xi = V.Load(x + i);
            V origin = TInputGate.IsOn ? default : xi;

            V r1 = V.Load(gates + next + i);
            V r0 = TThreeWay.IsOn ? V.Load(gates + i) : default;
            V r2 = TThreeWay.IsOn ? V.Load(gates + 2 * next + i) : default;
            V p0 = r0, p1 = r1, p2 = r2;
            if (TRaw.IsOn)
                TRule.Normalize<T, V, TThreeWay>(ref p0, ref p1, ref p2);

            V q1 = p1 * gh;
            V.Store(q1, spread + nextSpread + i);
            V gx = gh - q1;
            V d1 = gh * (V.Load(previous + i) - origin);
            V d0 = default, d2 = default;
            if (TThreeWay.IsOn)
            {
                V q0 = p0 * gh, q2 = p2 * gh;
                V.Store(q0, spread + i);
                V.Store(q2, spread + 2 * nextSpread + i);
                gx = gx - q0 - q2;
                d0 = gh * (V.Load(previous + i - 1) - origin);
                d2 = gh * (V.Load(previous + i + 1) - origin);
            }

            if (TRaw.IsOn)
                TRule.Backward<T, V, TThreeWay>(r0, r1, r2, p0, p1, p2, ref d0, ref d1, ref d2);
            Accumulate<TFirst>(gateGradient + next + i, d1);
            if (TThreeWay.IsOn)
            {
                Accumulate<TFirst>(gateGradient + i, d0);
                Accumulate<TFirst>(gateGradient + 2 * next + i, d2);
            }

            if (TInputGate.IsOn)
            {
                Accumulate<TFirst>(inputGateGradient + i, gh * xi);
                gx = V.Load(inputGate + i) * gh;
            }

            V.Store(gx, gradient + i);
        }
    }

    /// <summary>The gradient for the previous line: each product is shifted to the neighbour that its gate reads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(in BackwardLines<T> lines, T* carry, int length)
    {
        T* spread = lines.Spread;
        nint next = lines.Stride;
        for (int i = 0; i < length; i += V.Width)
        {
            V sum = V.Load(spread + next + i);
            if (TThreeWay.IsOn)
                sum = sum + (V.Load(spread + i + 1) + V.Load(spread + 2 * next + i - 1));
            V.Store(sum, carry + i);
        }
    }

    /// <summary>The scan's first line has no gates: h = x, or λ·x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FirstLine(in BackwardLines<T> lines, nint at, T* carry, bool isFirstChannel, int length)
    {
        T* gradient = lines.Gradient + at;
        nint next = lines.NextGate;
        for (int i = 0; i < length; i += V.Width)
        {
            V gh = V.Load(gradient + i) + V.Load(carry + i);
            if (TInputGate.IsOn)
            {
                T* inputGateGradient = lines.InputGateGradient + at + i;
                V gl = gh * V.Load(lines.X + at + i);
                V.Store(isFirstChannel ? gl : V.Load(inputGateGradient) + gl, inputGateGradient);
                gh = V.Load(lines.InputGate + at + i) * gh;
            }

            V.Store(gh, gradient + i);
            for (int k = 0; k < 3; k++)
                V.Store(default, lines.GateGradient + at + k * next + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate<TFirst>(T* sum, V value)
        where TFirst : IFlag
        => V.Store(TFirst.IsOn ? value : V.Load(sum) + value, sum);

    /// <summary>Converts gradients of gates to gradients of raw guidance, in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GateGradient(in BackwardLines<T> lines, nint at, int length)
    {
        T* raw = lines.Raw + at;
        T* gates = lines.Gates + at;
        T* gradient = lines.GateGradient + at;
        nint next = lines.NextGate;
        for (int i = 0; i < length; i += V.Width)
        {
            V d1 = V.Load(gradient + next + i);
            V d0 = TThreeWay.IsOn ? V.Load(gradient + i) : default;
            V d2 = TThreeWay.IsOn ? V.Load(gradient + 2 * next + i) : default;
            TRule.Backward<T, V, TThreeWay>(
                TThreeWay.IsOn ? V.Load(raw + i) : default,
                V.Load(raw + next + i),
                TThreeWay.IsOn ? V.Load(raw + 2 * next + i) : default,
                TThreeWay.IsOn ? V.Load(gates + i) : default,
                V.Load(gates + next + i),
                TThreeWay.IsOn ? V.Load(gates + 2 * next + i) : default,
                ref d0,
                ref d1,
                ref d2);
            V.Store(d1, gradient + next + i);
            if (TThreeWay.IsOn)
            {
                V.Store(d0, gradient + i);
                V.Store(d2, gradient + 2 * next + i);
            }
        }
    }
}
