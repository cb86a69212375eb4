using Spn.Inference;
using Spn.Inference.Layers;
using Xunit;
using static Spn.Tests.Inference.LayerCase;
using static Spn.Tests.Inference.NaiveLayers;

namespace Spn.Tests.Inference;

/// <summary>
/// Every layer over planes is its definition, for every vector width, at the ends of tiles and vectors, for numbers of maps that fill no
/// block.
/// </summary>
public sealed class PlanarLayerTests
{
    public static TheoryData<int, int, int, int, int> Cases
        => Sizes((1, 4, 1, 1), (3, 5, 2, 7), (16, 8, 5, 17), (20, 7, 33, 40), (2, 12, 34, 130), (70, 33, 4, 6));

    [Theory, MemberData(nameof(Cases))]
    public void A_pointwise_convolution_adds_and_rectifies(int level, int inputs, int outputs, int height, int width)
    {
        var random = new LayerCase(1);
        ConvolutionWeights weights = random.Weights(outputs, inputs, 1);
        int plane = height * width;
        float[] x = random.Values(2 * inputs * plane), own = random.Values(2 * outputs * plane), shared = random.Values(outputs * plane);
        FeatureMaps output = Empty(2, outputs, height, width), input = Planes(x, 2, inputs, height, width),
            added = Planes(own, 2, outputs, height, width);
        FeatureMaps features = Planes(shared, 1, outputs, height, width);
        Run(level, workspace => new PointwiseConvolution(weights).Run(workspace, input, output, added, features, relu: true));
        double[] sums = [.. new[] { 0, 1 }.SelectMany(n
            => Add(Convolve(x[(n * inputs * plane)..((n + 1) * inputs * plane)], height, width, weights, 1), shared))];
        AssertClose(Relu(Add(sums, own)), output);

        FeatureMaps plain = Empty(2, outputs, height, width);
        Run(level, workspace => new PointwiseConvolution(weights).Run(workspace, input, plain));
        AssertClose(Convolve(x[..(inputs * plane)], height, width, weights, 1), plain.Range(0, 1));
    }

    [Theory, MemberData(nameof(Cases))]
    public void An_unshuffle_convolution_reads_blocks(int level, int inputs, int outputs, int height, int width)
    {
        var random = new LayerCase(2);
        ConvolutionWeights weights = random.Weights(outputs, 4 * inputs, 1);
        float[] x = random.Values(inputs * 4 * height * width);
        FeatureMaps output = Empty(1, outputs, height, width), input = Planes(x, 1, inputs, 2 * height, 2 * width);
        Run(level, workspace => new UnshuffleConvolution(weights).Run(workspace, input, output));
        AssertClose(Convolve(Unshuffle(x, inputs, 2 * height, 2 * width), height, width, weights, 1), output);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_strided_convolution_halves(int level, int inputs, int outputs, int height, int width)
    {
        var random = new LayerCase(3);
        ConvolutionWeights weights = random.Weights(outputs, inputs, 3);
        float[] x = random.Values(inputs * height * width);
        FeatureMaps output = Empty(1, outputs, (height + 1) / 2, (width + 1) / 2), input = Planes(x, 1, inputs, height, width);
        Run(level, workspace => new StridedConvolution(weights).Run(workspace, input, output));
        AssertClose(Relu(Convolve(x, height, width, weights, 3, stride: 2, padding: 1)), output);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_Winograd_convolution_is_a_plain_one(int level, int inputs, int outputs, int height, int width)
    {
        foreach (int dilation in new[] { 1, 2, 8 })
        {
            var random = new LayerCase(4);
            ConvolutionWeights weights = random.Weights(outputs, inputs, 3);
            float[] x = random.Values(inputs * height * width), more = random.Values(outputs * height * width);
            FeatureMaps output = Empty(1, outputs, height, width), input = Planes(x, 1, inputs, height, width),
                added = Planes(more, 1, outputs, height, width);
            Run(level, workspace => new WinogradConvolution(weights).Run(workspace, input, output, added, dilation));
            AssertClose(Add(Relu(Convolve(x, height, width, weights, 3, padding: dilation, dilation: dilation)), more), output);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_stem_sees_mask_and_image(int level, int seeing, int linear, int height, int width)
    {
        var random = new LayerCase(5);
        ConvolutionWeights weights = random.Weights(seeing + linear, 1, 4);
        int plane = height * width;
        float[] masks = random.Probabilities(2 * 4 * plane), features = random.Values(seeing * plane);
        FeatureMaps seen = Empty(2, seeing, height, width), encoded = Empty(2, linear, height, width);
        FeatureMaps coarse = Planes(masks, 2, 1, 2 * height, 2 * width), image = Planes(features, 1, seeing, height, width);
        Run(level, workspace => new MaskStem(weights, 0.5f).Run(workspace, coarse, image, seen, encoded));
        for (int n = 0; n < 2; n++)
        {
            float[] centered = [.. masks[(n * 4 * plane)..((n + 1) * 4 * plane)].Select(x => x - 0.5f)];
            double[] all = Convolve(centered, 2 * height, 2 * width, weights, 4, stride: 2, padding: 1);
            AssertClose(Relu(Add(all[..(seeing * plane)], features)), seen.Range(n, 1));
            AssertClose(all[(seeing * plane)..], encoded.Range(n, 1));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_decoder_blends_with_the_mask(int level, int inputs, int outputs, int height, int width)
    {
        var random = new LayerCase(6 + outputs);
        ConvolutionWeights weights = random.Weights(8, inputs, 3);
        float[] x = random.Values(inputs * height * width), masks = random.Probabilities(4 * height * width);
        masks[0] = 0;
        masks[^1] = 1;
        FeatureMaps input = Planes(x, 1, inputs, height, width), coarse = Planes(masks, 1, 1, 2 * height, 2 * width),
            output = Empty(1, 1, 2 * height, 2 * width);
        Run(level, workspace => new MaskDecoder(weights).Run(workspace, input, new LogitBlend(coarse, output, 1.5f)));
        double[] decoded = Convolve(x, height, width, weights, 3, padding: 1), expected = new double[masks.Length];
        for (int i = 0; i < expected.Length; i++)
        {
            (int y, int left) = Math.DivRem(i, 2 * width);
            int pixel = y % 2 * 2 + left % 2, at = y / 2 * width + left / 2, plane = height * width;
            double keep = Sigmoid(decoded[(pixel + 4) * plane + at]);
            expected[i] = Sigmoid(keep * 1.5 * Logit(masks[i]) + (1 - keep) * decoded[pixel * plane + at]);
        }
        AssertClose(expected, output, 5e-5); // the log-odds are up to 20, and are rounded before
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_transposed_convolution_is_a_decoder_without_masks(int level, int inputs, int outputs, int height, int width)
    {
        var random = new LayerCase(7 + outputs);
        float[] kernel = random.Values(inputs * 16), bias = random.Values(1), x = random.Values(inputs * height * width);
        var stored = new Spn.Inference.Weights(name => name == "weight" ? (kernel, [inputs, 1, 4, 4]) : (bias, [1]));
        FeatureMaps input = Planes(x, 1, inputs, height, width), output = Empty(1, 1, 2 * height, 2 * width);
        Run(level, workspace
            => new MaskDecoder(MaskDecoder.FromTransposed(stored, inputs)).Run(workspace, input, new LogitBlend(default, output, 0)));
        double[] sums = [.. Enumerable.Repeat((double)bias[0], 4 * height * width)];
        for (int i = 0; i < x.Length * 16; i++)
        {
            (int tap, int c, int y, int column) = (i % 16, i / 16 / (height * width), i / 16 / width % height, i / 16 % width);
            int row = 2 * y - 1 + tap / 4, at = 2 * column - 1 + tap % 4;
            if (row >= 0 && row < 2 * height && at >= 0 && at < 2 * width)
                sums[row * 2 * width + at] += (double)x[i / 16] * kernel[c * 16 + tap];
        }
        AssertClose([.. sums.Select(Sigmoid)], output);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Upsampled_maps_are_added(int level, int channels, int unused, int height, int width)
    {
        var random = new LayerCase(8 + unused);
        float[] small = random.Values(channels * height * width), large = random.Values(4 * small.Length);
        double[] expected = [.. large.Select((value, i) => value
            + (double)small[i / (4 * height * width) * height * width + i / (2 * width) % (2 * height) / 2 * width + i % (2 * width) / 2])];
        FeatureMaps maps = Planes(large, 1, channels, 2 * height, 2 * width), half = Planes(small, 1, channels, height, width),
            output = Empty(1, channels, 2 * height, 2 * width);
        Run(level, workspace => UpsampleAdd.Run(workspace, maps, half, output));
        AssertClose(expected, output);

        PixelMaps pixels = Pixels(large, channels, 2 * height, 2 * width), halfPixels = Pixels(small, channels, height, width);
        Run(level, workspace => UpsampleAdd.Run(workspace, pixels, halfPixels));
        AssertClose(expected, pixels);
    }

    [Fact]
    public void A_NaN_in_a_mask_stays_within_its_surroundings()
    {
        var random = new LayerCase(9);
        float[] x = random.Values(4 * 16 * 20);
        x[(16 + 6) * 20 + 9] = float.NaN;
        ConvolutionWeights weights = random.Weights(4, 4, 3);
        FeatureMaps input = Planes(x, 1, 4, 16, 20), output = Empty(1, 4, 16, 20);
        Run((int)Spn.Simd.SimdLevels.Best, workspace => new WinogradConvolution(weights).Run(workspace, input, output));
        for (int y = 0; y < 16; y++)
        {
            for (int column = 0; column < 20; column++)
            {
                unsafe
                {
                    if (float.IsNaN(output.Data[y * 20 + column]))
                        Assert.True(y is >= 4 and < 8 && column is >= 8 and <= 10, $"NaN at row {y}, column {column}.");
                    else
                        Assert.False(y == 6 && column == 9);
                }
            }
        }
    }
}
