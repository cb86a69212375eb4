using Spn.Propagation;

namespace Spn.Torch;

/// <summary>The validated parameters of one call, without its tensors.</summary>
internal sealed record PropagationCall(
    PropagationShape Shape, GateNormalization Normalization, DirectionMerge Merge, bool HasInputGate, IPropagationBackend Backend)
{
    public long[] OutputShape => Merge == DirectionMerge.None
        ? [Shape.Batch, Shape.DirectionCount, Shape.Channels, Shape.Height, Shape.Width]
        : XShape;

    public long[] XShape => [Shape.Batch, Shape.Channels, Shape.Height, Shape.Width];

    public long[] GuidanceShape => [Shape.Batch, (long)Shape.DirectionCount * Shape.Gates * Shape.Groups, Shape.Height, Shape.Width];

    public long[]? InputGateShape
        => HasInputGate ? [Shape.Batch, (long)Shape.DirectionCount * Shape.Groups, Shape.Height, Shape.Width] : null;

    public long[] HiddenShape => [Shape.Batch, Shape.DirectionCount, Shape.Channels, Shape.Height, Shape.Width];
}
