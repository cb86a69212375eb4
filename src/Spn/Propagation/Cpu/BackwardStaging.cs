using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>Copies blocks of lines to and from the scratch memory of the backward scan.</summary>
internal static unsafe class BackwardStaging<T, V>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where V : unmanaged, ISimdVector<V, T>
{
    /// <summary>Copies the h lines of a block, and the line before the first visited one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadHidden(T* plane, in ScanGeometry scan, int i, int first, int count, in BackwardLines<T> lines)
    {
        // The slots 0 and count + 1 surround the block. The direction decides which of them holds the previous line.
        LineTile.Load<T, V>(plane, scan, first, count, lines.Hidden + lines.Stride, lines.Stride, T.Zero);
        if (i == 0)
            return;
        int before = scan.Backwards ? first + count : first - 1;
        int slot = scan.Backwards ? count + 1 : 0;
        LineTile.Load<T, V>(plane, scan, before, 1, lines.Hidden + slot * lines.Stride, lines.Stride, T.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadGradient(in BackwardJob<T> job, in ScanGeometry scan, int n, int d, int c, int first, int count, in BackwardLines<T> lines)
    {
        PropagationShape shape = job.Shape;
        nint plane = shape.XPlane(n, c);
        switch (job.Merge)
        {
            case DirectionMerge.Max:
                WinnerTile.Load<T, V>(job.GradOutput + plane, job.Winners + plane, (byte)d, scan, first, count, lines.Gradient, lines.Stride, lines.Tile);
                break;
            case DirectionMerge.Mean:
                LineTile.Load<T, V>(job.GradOutput + plane, scan, first, count, lines.Gradient, lines.Stride, T.Zero);
                Scale(lines, count, T.One / T.CreateTruncating(shape.DirectionCount), LineTile.Padded(scan.Length));
                break;
            default:
                LineTile.Load<T, V>(job.GradOutput + shape.HiddenPlane(n, d, c), scan, first, count, lines.Gradient, lines.Stride, T.Zero);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(in BackwardLines<T> lines, int count, T factor, int length)
    {
        for (int b = 0; b < count; b++)
        {
            T* line = lines.Gradient + b * lines.Stride;
            for (int i = 0; i < length; i += V.Width)
                V.Store(V.Load(line + i) * V.Broadcast(factor), line + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreGateGradients(in BackwardJob<T> job, in ScanGeometry scan, int n, int d, int g, int first, int count, in BackwardLines<T> lines)
    {
        PropagationShape shape = job.Shape;
        bool isThreeWay = shape.Connection == GateConnection.ThreeWay;
        if (job.InputGate != null)
            LineTile.Store<T, V, Replace>(lines.InputGateGradient, lines.Stride, job.GradInputGate + shape.InputGatePlane(n, d, g), scan, first, count, default);
        for (int k = 0; k < shape.Gates; k++)
        {
            T* gradient = lines.GateGradient + (isThreeWay ? k : 1) * lines.NextGate;
            for (int b = 0; isThreeWay && k != 1 && b < count; b++)
                gradient[b * lines.Stride + (k == 0 ? 0 : scan.Length - 1)] = T.Zero;
            LineTile.Store<T, V, Replace>(gradient, lines.Stride, job.GradGuidance + shape.GuidancePlane(n, d, k, g), scan, first, count, default);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void StoreGradX(in BackwardJob<T> job, in ScanGeometry scan, int n, int d, int c, int first, int count, in BackwardLines<T> lines)
    {
        PropagationShape shape = job.Shape;
        if (job.ByDirection)
            LineTile.Store<T, V, Replace>(lines.Gradient, lines.Stride, job.GradXParts + shape.HiddenPlane(n, d, c), scan, first, count, default);
        else if (d == 0)
            LineTile.Store<T, V, Replace>(lines.Gradient, lines.Stride, job.GradX + shape.XPlane(n, c), scan, first, count, default);
        else
            LineTile.Store<T, V, Add>(lines.Gradient, lines.Stride, job.GradX + shape.XPlane(n, c), scan, first, count, default);
    }
}
