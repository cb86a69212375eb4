using Spn.Propagation.Cpu;

namespace Spn.Propagation;

/// <summary>One validated call: everything but the tensors.</summary>
internal sealed record PropagationCall(
    PropagationShape Shape, GateNormalization Normalization, DirectionMerge Merge, int Threads, SimdLevel Level)
{
    public long[] OutputShape => Merge == DirectionMerge.None
        ? [Shape.Batch, Shape.DirectionCount, Shape.Channels, Shape.Height, Shape.Width]
        : XShape;

    public long[] XShape => [Shape.Batch, Shape.Channels, Shape.Height, Shape.Width];

    public long[] HiddenShape => [Shape.Batch, Shape.DirectionCount, Shape.Channels, Shape.Height, Shape.Width];
}
