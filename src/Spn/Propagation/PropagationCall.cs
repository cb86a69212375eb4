namespace Spn.Propagation;

/// <summary>One validated call: everything but the tensors.</summary>
internal sealed record PropagationCall(
    PropagationShape Shape, GateNormalization Normalization, DirectionMerge Merge, bool HasXGate, IRoundBackend Backend)
{
    public long[] OutputShape => Merge == DirectionMerge.None
        ? [Shape.Batch, Shape.DirectionCount, Shape.Channels, Shape.Height, Shape.Width]
        : XShape;

    public long[] XShape => [Shape.Batch, Shape.Channels, Shape.Height, Shape.Width];

    public long[] GuidanceShape => [Shape.Batch, (long)Shape.DirectionCount * Shape.Gates * Shape.Groups, Shape.Height, Shape.Width];

    public long[]? XGateShape => HasXGate ? [Shape.Batch, (long)Shape.DirectionCount * Shape.Groups, Shape.Height, Shape.Width] : null;

    public long[] HiddenShape => [Shape.Batch, Shape.DirectionCount, Shape.Channels, Shape.Height, Shape.Width];
}
