using Spn.Inference;

namespace Spn.Tests.Inference;

/// <summary>
/// Layers as their definitions say, in double precision: what every kernel of the engine answers to. Maps are <c>[C, H, W]</c>.
/// </summary>
internal static class NaiveLayers
{
    /// <summary>A convolution with zeros beyond the border.</summary>
    public static double[] Convolve(float[] input, int height, int width, ConvolutionWeights weights, int kernel, int stride = 1,
        int padding = 0, int dilation = 1)
    {
        int reach = dilation * (kernel - 1), h = (height + 2 * padding - reach - 1) / stride + 1,
            w = (width + 2 * padding - reach - 1) / stride + 1;
        double[] output = new double[weights.Outputs * h * w];
        for (int i = 0; i < output.Length; i++)
        {
            (int o, int y, int x) = (i / (h * w), i / w % h, i % w);
            double sum = weights.Bias[o];
            for (int c = 0; c < weights.Inputs; c++)
            {
                for (int tap = 0; tap < kernel * kernel; tap++)
                {
                    int row = y * stride - padding + tap / kernel * dilation, column = x * stride - padding + tap % kernel * dilation;
                    if (row >= 0 && row < height && column >= 0 && column < width)
                        sum += (double)weights.Weight[(o * weights.Inputs + c) * kernel * kernel + tap] * input[(c * height + row) * width
                            + column];
                }
            }
            output[i] = sum;
        }
        return output;
    }

    /// <summary>Blocks of 2x2 pixels as maps, channel-major.</summary>
    public static float[] Unshuffle(float[] input, int channels, int height, int width)
    {
        float[] output = new float[input.Length];
        for (int i = 0; i < output.Length; i++)
        {
            int plane = height / 2 * (width / 2), map = i / plane, y = i % plane / (width / 2), x = i % (width / 2);
            output[i] = input[(map / 4 * height + 2 * y + map % 4 / 2) * width + 2 * x + map % 2];
        }
        return output;
    }

    public static double[] Relu(double[] maps) => [.. maps.Select(value => Math.Max(value, 0))];

    public static double[] Add(double[] maps, float[] more) => [.. maps.Zip(more, (a, b) => a + b)];

    public static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    public static double Logit(double value)
    {
        double p = Math.Clamp(value, 0.01, 0.99);
        return Math.Log(p / (1 - p));
    }
}
