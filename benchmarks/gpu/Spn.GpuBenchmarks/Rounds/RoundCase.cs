using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Rounds;

internal enum Pass
{
    Forward,

    /// <summary>A forward round that saves the data for the backward pass.</summary>
    Training,

    Backward,
}

/// <summary>One round to measure.</summary>
internal sealed record RoundCase(Pass Pass, CudaOperator Operator)
{
    /// <summary>The sizes [N, C, H, W] in the report.</summary>
    public static IReadOnlyList<(int Batch, int Channels, int Height, int Width)> Sizes { get; } =
        [(1, 16, 64, 64), (1, 32, 256, 256), (1, 8, 1024, 1024), (16, 8, 1024, 1024)];

    /// <summary>
    /// All cases, starting with the small ones: one direction, and four directions with a maximum, each with separate and with shared
    /// gates.
    /// </summary>
    public static IEnumerable<RoundCase> All()
        => from size in Sizes
           from directions in new[] { ScanDirections.LeftToRight, ScanDirections.All }
           from scalar in new[] { CudaScalar.Float32, CudaScalar.BFloat16 }
           from groups in new[] { size.Channels, 1 }
           from pass in directions == ScanDirections.All
               ? new[] { Pass.Forward, Pass.Training, Pass.Backward }
               : [Pass.Forward, Pass.Backward]
           select new RoundCase(pass, Round(size, groups, directions, scalar));

    /// <summary>A three-way round with softmax gates.</summary>
    public static CudaOperator Round(
        (int Batch, int Channels, int Height, int Width) size, int groups, ScanDirections directions, CudaScalar scalar,
        bool inputGate = false)
        => new(
            new PropagationShape(size.Batch, size.Channels, size.Height, size.Width, groups, directions, GateConnection.ThreeWay),
            scalar, GateNormalization.Softmax, DirectionMerge.Max, inputGate);

    public override string ToString()
    {
        PropagationShape shape = Operator.Shape;
        string gates = shape.Groups == 1 ? "shared gates" : "gates a channel";
        string directions = shape.DirectionCount == 1 ? "1 direction" : $"{shape.DirectionCount} directions, max";
        return $"[{shape.Batch}, {shape.Channels}, {shape.Height}, {shape.Width}] {Name(Operator.Scalar)}, " +
            $"{gates}{(Operator.HasInputGate ? ", λ" : "")}, {directions}, {Pass.ToString().ToLowerInvariant()}";
    }

    private static string Name(CudaScalar scalar)
        => scalar switch { CudaScalar.Float32 => "fp32", CudaScalar.Float64 => "fp64", CudaScalar.Float16 => "fp16", _ => "bf16" };
}
