using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>Prepares the scratch memory of the forward and the backward scan.</summary>
internal static unsafe class GateLines
{
    /// <summary>
    /// Copies the raw guidance of a block to scratch memory and marks gates that point outside the image as absent. A single gate (k = 0)
    /// is the middle one.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load<T, V, TRule, TThreeWay>(
        T* guidance, in PropagationShape shape, in ScanGeometry scan, int n, int d, int g, int first, int count, T* gates, nint stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TRule : IGateRule
        where TThreeWay : IFlag
    {
        T absent = TRule.Absent<T>();
        nint nextGate = scan.Block * stride;
        if (!TThreeWay.IsOn)
        {
            LineTile.Load<T, V>(guidance + shape.GuidancePlane(n, d, 0, g), scan, first, count, gates + nextGate, stride, absent);
            return;
        }

        for (int k = 0; k < 3; k++)
            LineTile.Load<T, V>(guidance + shape.GuidancePlane(n, d, k, g), scan, first, count, gates + k * nextGate, stride, absent);
        for (int b = 0; b < count; b++)
        {
            gates[b * stride] = absent;
            gates[2 * nextGate + b * stride + scan.Length - 1] = absent;
        }
    }

    /// <summary>
    /// Normalises a line of raw guidance to a line of gates, possibly in place. Gates are <paramref name="nextGate"/> elements apart.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize<T, V, TRule, TThreeWay>(T* raw, T* gates, nint nextGate, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ISimdVector<V, T>
        where TRule : IGateRule
        where TThreeWay : IFlag
    {
        for (int i = 0; i < length; i += V.Width)
        {
            V r1 = V.Load(raw + nextGate + i);
            V r0 = TThreeWay.IsOn ? V.Load(raw + i) : default;
            V r2 = TThreeWay.IsOn ? V.Load(raw + 2 * nextGate + i) : default;
            TRule.Normalize<T, V, TThreeWay>(ref r0, ref r1, ref r2);
            V.Store(r1, gates + nextGate + i);
            if (TThreeWay.IsOn)
            {
                V.Store(r0, gates + i);
                V.Store(r2, gates + 2 * nextGate + i);
            }
        }
    }

    /// <summary>
    /// Clears the padding before and after lines. It is read for neighbours outside the image and multiplied by a gate of 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ClearPads<T>(T* lines, int count, int length, nint stride)
        where T : unmanaged
    {
        for (int b = 0; b < count; b++)
        {
            T* line = lines + b * stride;
            NativeMemory.Clear(line - LineTile.Pad, (nuint)(LineTile.Pad * sizeof(T)));
            NativeMemory.Clear(line + LineTile.Padded(length), (nuint)(LineTile.Pad * sizeof(T)));
        }
    }
}
