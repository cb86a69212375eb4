using System.Runtime.InteropServices;

namespace Spn.Propagation.Cuda;

// The kernels' parameters. The fields must match the declarations in the .cu and .cuh files.

/// <summary><c>Shape</c> in scan.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ShapeArguments
{
    public int Batch, Channels, Height, Width, Groups, Directions, Gates, Normalization, HasInputGate;

    public ShapeArguments(in PropagationShape shape, GateNormalization normalization, bool hasInputGate)
    {
        (Batch, Channels, Height, Width, Groups) = (shape.Batch, shape.Channels, shape.Height, shape.Width, shape.Groups);
        (Directions, Gates, Normalization, HasInputGate) = ((int)shape.Directions, shape.Gates, (int)normalization, hasInputGate ? 1 : 0);
    }
}

/// <summary><c>Scan</c> in scan.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ScanArguments
{
    public ShapeArguments Shape;
    public int FirstDirection, DirectionCount;
    public int Channels;
    public int Segments, Margin, Cluster;
    public int FirstTile, Tiles;
    public void* StateIn;
    public void* StateOut;
    public long StateStride;
}

/// <summary>How a direction's result is combined with the value already in the target: <c>Combine</c> in combine.cuh.</summary>
internal enum CudaCombine
{
    Set,
    Larger,
    RunningMean,
}

/// <summary>Parameter of <c>spn_forward</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ForwardArguments
{
    public ScanArguments Scan;
    public CudaMap X, Guidance, InputGate, Target;
    public int TargetByDirection;
    public CudaCombine Combine;
    public double Weight;
}

/// <summary>Parameter of <c>spn_backward</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct BackwardArguments
{
    public ScanArguments Scan;
    public CudaMap X, Guidance, InputGate, Hidden, GradOutput, Winners, GradX, GradGuidance, GradInputGate;
    public int GradOutputByDirection, HasWinners, GradXByDirection, GatesInParts;
    public double Weight;
}

/// <summary>Parameter of <c>spn_plane</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PlaneArguments
{
    public ShapeArguments Shape;
    public CudaMap X, Guidance, InputGate, Output;
    public int DirectionCount;
    public CudaCombine Combine;
    public int Rounds;
}

/// <summary>Parameter of <c>spn_merge</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MergeArguments
{
    public void* Hidden;
    public void* Output;
    public byte* Winners;
    public long OfImage, Count;
    public int Directions;
    public CudaCombine Combine;
}

/// <summary>Parameter of <c>spn_sum_directions</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SumDirectionsArguments
{
    public void* Parts;
    public void* GradX;
    public long OfImage, Count;
    public int Directions;
}

/// <summary>Parameter of <c>spn_sum_gates</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SumGatesArguments
{
    public ShapeArguments Shape;
    public int Parts;
    public CudaMap Guidance;
    public void* Gates;
    public void* InputGates;
    public void* GradGuidance;
    public void* GradInputGate;
    public int DirectionCount;
}
