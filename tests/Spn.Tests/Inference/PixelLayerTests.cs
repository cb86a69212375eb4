using Spn.Inference;
using Spn.Inference.Layers;
using Xunit;
using static Spn.Tests.Inference.LayerCase;
using static Spn.Tests.Inference.NaiveLayers;

namespace Spn.Tests.Inference;

/// <summary>
/// Every layer over channels-last maps is its definition, for every vector width, at the borders of tiles, for numbers of maps that fill no
/// vector.
/// </summary>
public sealed class PixelLayerTests
{
    public static TheoryData<int, int, int, int, int> Cases
        => Sizes((1, 4, 1, 1), (3, 16, 2, 7), (12, 17, 5, 3), (16, 48, 9, 21), (20, 33, 17, 4), (48, 16, 13, 8), (80, 5, 6, 50));

    [Theory, MemberData(nameof(Cases))]
    public void Winograd_tiles_are_a_plain_convolution(int level, int inputs, int outputs, int height, int width)
    {
        foreach (int dilation in new[] { 1, 2, 4 })
        {
            var random = new LayerCase(11);
            ConvolutionWeights weights = random.Weights(outputs, inputs, 3);
            float[] x = random.Values(inputs * height * width);
            PixelMaps input = Pixels(x, inputs, height, width), output = EmptyPixels(outputs, height, width);
            Run(level, workspace => new WinogradTiles(weights, dilation).Run(workspace, input, output));
            AssertClose(Relu(Convolve(x, height, width, weights, 3, padding: dilation, dilation: dilation)), output);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_matrix_product_is_a_convolution(int level, int inputs, int outputs, int height, int width)
    {
        foreach (int stride in new[] { 1, 2 })
        {
            var random = new LayerCase(12);
            ConvolutionWeights weights = random.Weights(outputs, inputs, 3);
            float[] x = random.Values(inputs * height * width);
            PixelMaps input = Pixels(x, inputs, height, width),
                output = EmptyPixels(outputs, (height + stride - 1) / stride, (width + stride - 1) / stride);
            Run(level, workspace => new PixelConvolution(weights, stride).Run(workspace, input, output));
            AssertClose(Relu(Convolve(x, height, width, weights, 3, stride, padding: 1)), output);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_head_crops_to_planes(int level, int inputs, int outputs, int height, int width)
    {
        var random = new LayerCase(13);
        ConvolutionWeights weights = random.Weights(outputs, inputs, 1);
        float[] x = random.Values(inputs * height * width);
        int h = (height + 1) / 2, w = (width + 2) / 3;
        PixelMaps input = Pixels(x, inputs, height, width);
        FeatureMaps output = Empty(1, outputs, h, w);
        Run(level, workspace => new PlanarHead(weights).Run(workspace, input, output));
        double[] whole = Convolve(x, height, width, weights, 1);
        AssertClose([.. Enumerable.Range(0, outputs * h * w).Select(i => whole[(i / (h * w) * height + i / w % h) * width + i % w])],
            output);
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_pool_keeps_the_largest(int level, int channels, int unused, int height, int width)
    {
        float[] x = new LayerCase(14 + unused).Values(channels * 4 * height * width);
        PixelMaps input = Pixels(x, channels, 2 * height, 2 * width), output = EmptyPixels(channels, height, width);
        Run(level, workspace => MaxPool.Run(workspace, input, output));
        float[] blocks = Unshuffle(x, channels, 2 * height, 2 * width);
        int plane = height * width;
        AssertClose([.. Enumerable.Range(0, channels * plane).Select(i
            => (double)Enumerable.Range(0, 4).Max(b => blocks[(i / plane * 4 + b) * plane + i % plane]))], output);
    }

    [Theory]
    [InlineData(8, 6, 8, false)]
    [InlineData(7, 5, 8, false)]
    [InlineData(7, 5, 8, true)]
    [InlineData(3, 2, 8, true)]
    public void An_image_is_mirrored_into_its_padding(int height, int width, int multiple, bool flipped)
    {
        float[] x = new LayerCase(15).Values(3 * height * width);
        Padding padding = Padding.ForView(height, width, multiple, multiple, flipped);
        PixelMaps blocks = EmptyPixels(12, padding.Height / 2, padding.Width / 2), pixels = EmptyPixels(3, padding.Height, padding.Width);
        FeatureMaps image = Planes(x, 1, 3, height, width);
        float[] mean = [0.5f, 0.25f, 0], deviation = [0.5f, 2, 1];
        foreach (Spn.Simd.SimdLevel level in Enum.GetValues<Spn.Simd.SimdLevel>().Where(Spn.Simd.SimdLevels.IsSupported))
        {
            Run((int)level, workspace => ImagePixels.Unshuffle(workspace, image, padding, blocks));
            Run((int)level, workspace => ImagePixels.Normalize(workspace, image, padding, pixels, mean, deviation));
            int size = padding.Height * padding.Width;
            float[] grown = [.. Enumerable.Range(0, 3 * size).Select(i
                => x[(i / size * height + Source(i / padding.Width % padding.Height, height, padding.Height)) * width
                    + Column(i % padding.Width)])];
            AssertClose([.. Unshuffle(grown, 3, padding.Height, padding.Width).Select(value => (double)value)], blocks, 0);
            AssertClose([.. grown.Select((value, i) => ((double)value - mean[i / size]) / deviation[i / size])], pixels);
        }

        int Column(int x) => Source(flipped ? padding.Width - 1 - x : x, width, padding.Width);

        static int Source(int i, int size, int grown) => i < size ? i : grown - size < size ? 2 * (size - 1) - i : size - 1;
    }
}
