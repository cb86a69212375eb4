using System.Runtime.InteropServices;

namespace Spn.Propagation.Cpu;

/// <summary>The scratch memory of the backward scan: blocks of lines, which are <see cref="Stride"/> elements apart.</summary>
internal readonly unsafe struct BackwardLines<T>
    where T : unmanaged
{
    public BackwardLines(in ScanGeometry scan, int channels, bool rawGates, T* scratch)
    {
        Stride = LineTile.Stride(scan.Length);
        NextGate = scan.Block * Stride;
        T* next = scratch + LineTile.Pad;
        Raw = Take(ref next, 3 * scan.Block);
        Gates = rawGates ? Raw : Take(ref next, 3 * scan.Block);
        GateGradient = Take(ref next, 3 * scan.Block);
        InputGate = Take(ref next, scan.Block);
        InputGateGradient = Take(ref next, scan.Block);
        X = Take(ref next, scan.Block);
        Gradient = Take(ref next, scan.Block);
        Hidden = Take(ref next, scan.Block + 2);
        Spread = Take(ref next, 3);
        Carry = Take(ref next, channels);
        Tile = next - LineTile.Pad;
        GateLines.ClearPads(Hidden, scan.Block + 2, scan.Length, Stride);
        GateLines.ClearPads(Spread, 3, scan.Length, Stride);
        NativeMemory.Clear(Carry, (nuint)(channels * Stride * sizeof(T)));
    }

    public nint Stride { get; }

    /// <summary>The distance from the block of lines of one gate to that of the next.</summary>
    public nint NextGate { get; }

    /// <summary>Raw guidance r.</summary>
    public T* Raw { get; }

    /// <summary>Gates p; the raw guidance itself if they are the same.</summary>
    public T* Gates { get; }

    /// <summary>∂L/∂p summed over channels, then ∂L/∂r.</summary>
    public T* GateGradient { get; }

    public T* InputGate { get; }

    public T* InputGateGradient { get; }

    public T* X { get; }

    /// <summary>∂L/∂h from the output, then ∂L/∂x.</summary>
    public T* Gradient { get; }

    /// <summary>h, with one more line on each side.</summary>
    public T* Hidden { get; }

    /// <summary>p_k·gh of the current line.</summary>
    public T* Spread { get; }

    /// <summary>The gradient from the next line, one line per channel.</summary>
    public T* Carry { get; }

    /// <summary>A small tile that is masked before it is transposed.</summary>
    public T* Tile { get; }

    /// <summary>Bytes of scratch memory, sufficient for rows and columns.</summary>
    public static nint Size(in PropagationShape shape)
        => (ScanGeometry.ScratchSize(shape, sizeof(T), blockLines: 14, otherLines: 5 + shape.ChannelsPerGroup) + WinnerTile.TileSize) * sizeof(T);

    private T* Take(ref T* next, nint lines)
    {
        T* taken = next;
        next += lines * Stride;
        return taken;
    }
}
