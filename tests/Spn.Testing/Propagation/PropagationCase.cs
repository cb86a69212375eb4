using Spn.Propagation;
using TorchSharp;

namespace Spn.Testing;

/// <summary>Random inputs of one call, as doubles for the reference and as tensors for the backend.</summary>
internal sealed class PropagationCase
{
    private readonly Random _random;
    private readonly double _scale;

    public PropagationCase(int batch, int channels, int height, int width, int groups, PropagationOptions options, bool withXGate = false, int seed = 1)
    {
        _random = new Random(seed);
        (Batch, Channels, Height, Width, Groups, Options) = (batch, channels, height, width, groups, options);
        int directions = int.PopCount((int)options.Directions);
        GuidanceShape = [batch, directions * (int)options.Connection * groups, height, width];
        XGateShape = [batch, directions * groups, height, width];
        // Without normalisation the test has to keep Σ|p| ≤ 1 itself; elsewhere both sides of every threshold should be met.
        _scale = options.Normalization == GateNormalization.None ? 1.0 / 3 : 1.5;
        X = Values(batch * channels * height * width, 1);
        Guidance = Values(GuidanceShape.Aggregate(1, (a, b) => a * (int)b), _scale);
        XGate = withXGate ? Values(XGateShape.Aggregate(1, (a, b) => a * (int)b), 1) : null;
        GradOutput = Values(X.Length * (options.Merge == DirectionMerge.None ? directions : 1), 1);
    }

    public int Batch { get; }

    public int Channels { get; }

    public int Height { get; }

    public int Width { get; }

    public int Groups { get; }

    public PropagationOptions Options { get; }

    public double[] X { get; private set; }

    public double[] Guidance { get; private set; }

    public double[]? XGate { get; private set; }

    public double[] GradOutput { get; private set; }

    public long[] XShape => [Batch, Channels, Height, Width];

    public long[] GuidanceShape { get; }

    public long[] XGateShape { get; }

    public NaivePropagation Reference => new(Batch, Channels, Height, Width, Groups, Options, Guidance, XGate);

    public long[] OutputShape => Options.Merge == DirectionMerge.None
        ? [Batch, int.PopCount((int)Options.Directions), Channels, Height, Width]
        : XShape;

    /// <summary>The same with every input rounded to a type, so that a backend in this type and the reference see the same numbers.</summary>
    public PropagationCase RoundedTo(torch.ScalarType type) => RoundedBy(values => Rounded(values, type));

    /// <summary>The same with every input rounded.</summary>
    public PropagationCase RoundedBy(Func<double[], double[]> round)
    {
        var rounded = (PropagationCase)MemberwiseClone();
        rounded.X = round(X);
        rounded.Guidance = round(Guidance);
        rounded.XGate = XGate is null ? null : round(XGate);
        rounded.GradOutput = round(GradOutput);
        return rounded;
    }

    public override string ToString()
        => $"[{Batch}, {Channels}, {Height}, {Width}] G={Groups}{(XGate is null ? "" : " λ")} {Options}";

    public static torch.Tensor Tensor(double[] values, long[] shape, torch.ScalarType type)
        => torch.tensor(values, dimensions: shape).to(type);

    private static double[] Rounded(double[] values, torch.ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        return [.. Tensor(values, [values.Length], type).to(torch.ScalarType.Float64).data<double>()];
    }

    /// <summary>Values that float32 holds exactly, so that both precisions see the same input.</summary>
    private double[] Values(int count, double scale)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)((_random.NextDouble() * 2 - 1) * scale);
        return values;
    }
}
