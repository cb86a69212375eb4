using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Spn.Propagation.Cpu;

/// <summary>What the forward and the backward scan share in preparing scratch.</summary>
internal static unsafe class GateLines
{
    /// <summary>Brings a block's raw guidance to scratch, with the gates that point outside the image marked absent; k = 0 alone goes to the middle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load<T, V, TRule, TThreeWay>(
        T* guidance, in PropagationShape shape, in ScanGeometry scan, int n, int d, int g, int first, int count, T* gates, nint stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where V : unmanaged, ILanes<V, T>
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

    /// <summary>Zeroes what lies before and behind lines, which neighbours' reads at the border touch and a gate of 0 multiplies.</summary>
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
