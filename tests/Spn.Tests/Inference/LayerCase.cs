using Spn.Inference;
using Spn.Simd;
using Xunit;

namespace Spn.Tests.Inference;

/// <summary>Seeded inputs for one layer, and the memory that the engine reads and writes.</summary>
internal sealed unsafe class LayerCase(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Each size with each vector width that the machine has: level, maps in, maps out, height, width.</summary>
    public static TheoryData<int, int, int, int, int> Sizes(params (int, int, int, int)[] sizes)
    {
        var cases = new TheoryData<int, int, int, int, int>();
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
        {
            foreach ((int inputs, int outputs, int height, int width) in sizes)
                cases.Add((int)level, inputs, outputs, height, width);
        }
        return cases;
    }

    public float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(2 * _random.NextDouble() - 1))];

    public float[] Probabilities(int count) => [.. Enumerable.Range(0, count).Select(_ => _random.NextSingle())];

    public ConvolutionWeights Weights(int outputs, int inputs, int kernel)
        => new(Values(outputs * inputs * kernel * kernel), Values(outputs), outputs, inputs);

    /// <summary>Planes that hold values, <c>[N, C, h, w]</c>.</summary>
    public static FeatureMaps Planes(float[] values, int images, int channels, int height, int width)
        => new(Pin(values), images, channels, height, width);

    /// <summary>Planes to be written, full of NaN.</summary>
    public static FeatureMaps Empty(int images, int channels, int height, int width)
        => Planes(Enumerable.Repeat(float.NaN, images * channels * height * width).ToArray(), images, channels, height, width);

    /// <summary>Channels-last maps that hold the values of planes <c>[C, h, w]</c>.</summary>
    public static PixelMaps Pixels(float[] values, int channels, int height, int width)
    {
        int stride = PixelMaps.Padded(channels);
        float[] pixels = new float[height * width * stride];
        for (int i = 0; i < values.Length; i++)
            pixels[i % (height * width) * stride + i / (height * width)] = values[i];
        return new PixelMaps((nint)Pin(pixels), height, width, stride);
    }

    /// <summary>Channels-last maps to be written, full of NaN.</summary>
    public static PixelMaps EmptyPixels(int channels, int height, int width)
    {
        int stride = PixelMaps.Padded(channels);
        return new PixelMaps((nint)Pin(Enumerable.Repeat(float.NaN, height * width * stride).ToArray()), height, width, stride);
    }

    /// <summary>Runs a layer on two threads.</summary>
    public static void Run(int level, Action<Workspace> layer)
    {
        using WorkspacePool.Lease lease = WorkspacePool.Rent(Workspace.Plan(layer), (SimdLevel)level, threads: 2);
        layer(lease.Workspace);
    }

    /// <summary>Dense maps against their reference. Rounding is measured in units of the largest value.</summary>
    public static void AssertClose(IReadOnlyList<double> expected, FeatureMaps actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Count, actual.Count);
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Count; i++)
            Assert.True(Math.Abs(expected[i] - actual.Data[i]) <= tolerance * scale, $"{actual.Data[i]} at {i}, expected {expected[i]}.");
    }

    /// <summary>Channels-last maps against planes <c>[C, h, w]</c>; the channels that fill them up must be 0.</summary>
    public static void AssertClose(IReadOnlyList<double> expected, PixelMaps actual, double tolerance = 1e-5)
    {
        int plane = actual.Height * actual.Width, channels = expected.Count / plane;
        double scale = Math.Max(1, expected.Max(Math.Abs));
        for (int i = 0; i < plane * actual.Stride; i++)
        {
            (int pixel, int channel) = Math.DivRem(i, actual.Stride);
            double wanted = channel < channels ? expected[channel * plane + pixel] : 0;
            Assert.True(Math.Abs(wanted - ((float*)actual.Data)[i]) <= tolerance * scale,
                $"{((float*)actual.Data)[i]} at {i}, expected {wanted}.");
        }
    }

    // On the pinned heap, and held for the life of the tests: they are small.
    private static readonly List<PinnedFloats> s_held = [];

    private static float* Pin(float[] values)
    {
        var pinned = new PinnedFloats(values.Length);
        values.CopyTo(pinned.Values);
        lock (s_held)
            s_held.Add(pinned);
        return pinned.Pointer;
    }
}
