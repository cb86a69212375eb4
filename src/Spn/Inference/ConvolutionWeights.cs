using System.Runtime.CompilerServices;

namespace Spn.Inference;

/// <summary>A convolution's weights as the file has them, with the batch normalisation after it folded in.</summary>
/// <param name="Weight"><c>[out, in, k, k]</c>.</param>
/// <param name="Bias"><c>[out]</c>.</param>
/// <param name="Outputs">Maps that come out.</param>
/// <param name="Inputs">Maps that go in.</param>
internal sealed record ConvolutionWeights(float[] Weight, float[] Bias, int Outputs, int Inputs)
{
    private const double Epsilon = 1e-5; // PyTorch's default, added to a variance

    /// <summary>A convolution with a bias: <c>weight</c> and <c>bias</c>.</summary>
    public static ConvolutionWeights Plain(Weights weights, int outputs, int inputs, int kernel)
        => new(weights.Read("weight", outputs, inputs, kernel, kernel), weights.Read("bias", outputs), outputs, inputs);

    /// <summary>
    /// A 3x3 convolution without a bias and the batch normalisation after it, <c>conv.weight</c> and <c>norm.*</c>:
    /// (w·x - μ) · γ / √(σ² + ε) + β = (s·w)·x + (β - s·μ) with s = γ / √(σ² + ε).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // a process loads a model once, so its loops would run unoptimized
    public static ConvolutionWeights Normalized(Weights weights, int outputs, int inputs)
    {
        float[] weight = [.. weights.Read("conv.weight", outputs, inputs, 3, 3)];
        float[] gamma = weights.Read("norm.weight", outputs), beta = weights.Read("norm.bias", outputs);
        float[] mean = weights.Read("norm.running_mean", outputs), variance = weights.Read("norm.running_var", outputs);
        float[] bias = new float[outputs];
        for (int o = 0; o < outputs; o++)
        {
            double scale = gamma[o] / Math.Sqrt(variance[o] + Epsilon);
            bias[o] = (float)(beta[o] - scale * mean[o]);
            foreach (ref float w in weight.AsSpan(o * inputs * 9, inputs * 9))
                w = (float)(w * scale);
        }
        return new(weight, bias, outputs, inputs);
    }

    /// <summary>w[o, i, ky, kx] of a 3x3 kernel.</summary>
    public float At(int output, int input, int row, int column) => Weight[((output * Inputs + input) * 3 + row) * 3 + column];
}
