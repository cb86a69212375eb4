using Spn.Propagation;

namespace Spn.Testing;

/// <summary>
/// The operator as its definition reads: plain loops over doubles, one pixel at a time. Slow on purpose; every backend answers to it.
/// Guidance is [N, D, K, G, H, W], the x gate [N, D, G, H, W], as in the library.
/// </summary>
internal sealed class NaivePropagation(int batch, int channels, int height, int width, int groups, PropagationOptions options, double[] guidance, double[]? xGate)
{
    private readonly ScanDirections[] _directions =
        [.. new[] { ScanDirections.LeftToRight, ScanDirections.RightToLeft, ScanDirections.TopToBottom, ScanDirections.BottomToTop }.Where(d => options.Directions.HasFlag(d))];

    private readonly int[] _offsets = options.Connection == GateConnection.ThreeWay ? [-1, 0, 1] : [0];

    public double[] GradGuidance { get; } = new double[guidance.Length];

    public double[] GradXGate { get; } = new double[xGate?.Length ?? 0];

    private int Pixels => height * width;

    /// <summary>All rounds. Returns [N, C, H, W], or [N, D, C, H, W] without a merge.</summary>
    public double[] Forward(double[] x)
    {
        for (int round = 1; round < options.Rounds; round++)
            x = Merge(Scan(x)).Output;
        double[] hidden = Scan(x);
        return options.Merge == DirectionMerge.None ? hidden : Merge(hidden).Output;
    }

    /// <summary>The gap between a pixel's two best directions in the last round, which decides whether the maximum has one gradient.</summary>
    public double[] Gap(double[] x)
    {
        for (int round = 1; round < options.Rounds; round++)
            x = Merge(Scan(x)).Output;
        double[] hidden = Scan(x);
        var gap = new double[x.Length];
        for (int i = 0; i < gap.Length; i++)
        {
            double best = double.NegativeInfinity, second = double.NegativeInfinity;
            for (int d = 0; d < _directions.Length; d++)
            {
                double value = hidden[HiddenIndex(i, d)];
                (best, second) = value > best ? (value, best) : (best, Math.Max(second, value));
            }

            gap[i] = best - second;
        }

        return gap;
    }

    /// <summary>∂L/∂x from ∂L/∂output; the other gradients are added to <see cref="GradGuidance"/> and <see cref="GradXGate"/>.</summary>
    public double[] Backward(double[] x, double[] gradOutput)
    {
        var inputs = new List<double[]> { x };
        for (int round = 1; round < options.Rounds; round++)
            inputs.Add(Merge(Scan(inputs[^1])).Output);
        for (int round = options.Rounds - 1; round >= 0; round--)
        {
            double[] hidden = Scan(inputs[round]);
            gradOutput = BackwardScan(inputs[round], hidden, SplitGradient(hidden, gradOutput));
        }

        return gradOutput;
    }

    private double[] Scan(double[] x)
    {
        var hidden = new double[x.Length * _directions.Length];
        ForEachStep((n, c, d, pixel, neighbours) =>
        {
            double[] p = Gates(n, c, d, pixel, neighbours);
            double own = x[XIndex(n, c, pixel)];
            double h = xGate is null ? (1 - p.Sum()) * own : XGate(n, c, d, pixel) * own;
            for (int k = 0; k < p.Length; k++)
            {
                if (neighbours[k] >= 0)
                    h += p[k] * hidden[HiddenIndex(n, c, d, neighbours[k])];
            }

            hidden[HiddenIndex(n, c, d, pixel)] = h;
        });
        return hidden;
    }

    private (double[] Output, int[] Winner) Merge(double[] hidden)
    {
        var output = new double[hidden.Length / _directions.Length];
        var winner = new int[output.Length];
        for (int i = 0; i < output.Length; i++)
        {
            double sum = 0, best = double.NegativeInfinity;
            for (int d = 0; d < _directions.Length; d++)
            {
                double value = hidden[HiddenIndex(i, d)];
                sum += value;
                if (value > best)
                    (best, winner[i]) = (value, d);
            }

            output[i] = options.Merge == DirectionMerge.Mean ? sum / _directions.Length : best;
        }

        return (output, winner);
    }

    private double[] SplitGradient(double[] hidden, double[] gradOutput)
    {
        if (options.Merge == DirectionMerge.None)
            return gradOutput;
        int[] winner = Merge(hidden).Winner;
        var gradHidden = new double[hidden.Length];
        for (int i = 0; i < gradOutput.Length; i++)
        {
            for (int d = 0; d < _directions.Length; d++)
            {
                double share = options.Merge == DirectionMerge.Mean ? 1.0 / _directions.Length : winner[i] == d ? 1 : 0;
                gradHidden[HiddenIndex(i, d)] = share * gradOutput[i];
            }
        }

        return gradHidden;
    }

    private double[] BackwardScan(double[] x, double[] hidden, double[] gradHidden)
    {
        double[] gh = [.. gradHidden];
        var gradX = new double[x.Length];
        ForEachStep(
            (n, c, d, pixel, neighbours) =>
            {
                double[] p = Gates(n, c, d, pixel, neighbours);
                double g = gh[HiddenIndex(n, c, d, pixel)];
                int at = XIndex(n, c, pixel);
                gradX[at] += (xGate is null ? 1 - p.Sum() : XGate(n, c, d, pixel)) * g;
                if (xGate is not null)
                    GradXGate[XGateIndex(n, c, d, pixel)] += g * x[at];
                var dp = new double[p.Length];
                for (int k = 0; k < p.Length; k++)
                {
                    if (neighbours[k] < 0)
                        continue;
                    int from = HiddenIndex(n, c, d, neighbours[k]);
                    dp[k] = g * (hidden[from] - (xGate is null ? x[at] : 0));
                    gh[from] += p[k] * g;
                }

                RawGradient(n, c, d, pixel, neighbours, p, dp);
            },
            reverse: true);
        return gradX;
    }

    /// <summary>The table of operator modes: r to p, over the gates that stay inside the image.</summary>
    private double[] Gates(int n, int c, int d, int pixel, int[] neighbours)
    {
        var p = new double[neighbours.Length];
        double magnitudes = 0, exponentials = 0, sigmoids = 0;
        for (int k = 0; k < p.Length; k++)
        {
            if (neighbours[k] < 0)
                continue;
            double r = guidance[GuidanceIndex(n, c, d, k, pixel)];
            magnitudes += Math.Abs(r);
            exponentials += Math.Exp(r);
            sigmoids += Sigmoid(r);
        }

        for (int k = 0; k < p.Length; k++)
        {
            if (neighbours[k] < 0)
                continue;
            double r = guidance[GuidanceIndex(n, c, d, k, pixel)];
            p[k] = options.Normalization switch
            {
                GateNormalization.None => r,
                GateNormalization.Clamped => magnitudes > 1 ? r / magnitudes : r,
                GateNormalization.AbsSum => r / Math.Max(magnitudes, 1e-6),
                GateNormalization.Softmax => Math.Exp(r) / (1 + exponentials),
                _ => Sigmoid(r) / sigmoids,
            };
        }

        return p;
    }

    private void RawGradient(int n, int c, int d, int pixel, int[] neighbours, double[] p, double[] dp)
    {
        double magnitudes = 0, dot = 0;
        for (int k = 0; k < p.Length; k++)
        {
            if (neighbours[k] >= 0)
                magnitudes += Math.Abs(guidance[GuidanceIndex(n, c, d, k, pixel)]);
            dot += p[k] * dp[k];
        }

        for (int k = 0; k < p.Length; k++)
        {
            if (neighbours[k] < 0)
                continue;
            double r = guidance[GuidanceIndex(n, c, d, k, pixel)];
            GradGuidance[GuidanceIndex(n, c, d, k, pixel)] += options.Normalization switch
            {
                GateNormalization.None => dp[k],
                GateNormalization.Clamped => magnitudes > 1 ? (dp[k] - Math.Sign(r) * dot) / magnitudes : dp[k],
                GateNormalization.AbsSum => magnitudes > 1e-6 ? (dp[k] - Math.Sign(r) * dot) / magnitudes : dp[k] / 1e-6,
                GateNormalization.Softmax => p[k] * (dp[k] - dot),
                _ => p[k] * (1 - Sigmoid(r)) * (dp[k] - dot),
            };
        }
    }

    private static double Sigmoid(double r) => 1 / (1 + Math.Exp(-r));

    /// <summary>Visits every pixel of every map in scan order, with its neighbours on the previous line (-1 where outside the image).</summary>
    private void ForEachStep(Action<int, int, int, int, int[]> visit, bool reverse = false)
    {
        for (int d = 0; d < _directions.Length; d++)
        {
            bool columns = _directions[d] is ScanDirections.LeftToRight or ScanDirections.RightToLeft;
            bool backwards = _directions[d] is ScanDirections.RightToLeft or ScanDirections.BottomToTop;
            int lines = columns ? width : height;
            int length = columns ? height : width;
            int At(int step, int i)
            {
                if (step < 0 || i < 0 || i >= length)
                    return -1;
                int line = backwards ? lines - 1 - step : step;
                return columns ? i * width + line : line * width + i;
            }

            for (int s = 0; s < lines; s++)
            {
                int step = reverse ? lines - 1 - s : s;
                for (int i = 0; i < length; i++)
                {
                    var neighbours = new int[_offsets.Length];
                    for (int k = 0; k < neighbours.Length; k++)
                        neighbours[k] = At(step - 1, i + _offsets[k]);
                    for (int n = 0; n < batch; n++)
                    {
                        for (int c = 0; c < channels; c++)
                            visit(n, c, d, At(step, i), neighbours);
                    }
                }
            }
        }
    }

    private double XGate(int n, int c, int d, int pixel) => xGate![XGateIndex(n, c, d, pixel)];

    private int XIndex(int n, int c, int pixel) => (n * channels + c) * Pixels + pixel;

    private int HiddenIndex(int n, int c, int d, int pixel) => ((n * _directions.Length + d) * channels + c) * Pixels + pixel;

    private int HiddenIndex(int xIndex, int d)
        => HiddenIndex(xIndex / (channels * Pixels), xIndex / Pixels % channels, d, xIndex % Pixels);

    private int Group(int c) => c / (channels / groups);

    private int GuidanceIndex(int n, int c, int d, int k, int pixel)
        => (((n * _directions.Length + d) * _offsets.Length + k) * groups + Group(c)) * Pixels + pixel;

    private int XGateIndex(int n, int c, int d, int pixel) => ((n * _directions.Length + d) * groups + Group(c)) * Pixels + pixel;
}
