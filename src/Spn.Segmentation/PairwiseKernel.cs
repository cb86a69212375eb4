using Spn.Segmentation.Lattice;

namespace Spn.Segmentation;

/// <summary>
/// One Gaussian kernel of a fully connected CRF: it joins all pairs of pixels with the strength w · exp(-|f_i - f_j|² / 2), where f is a
/// feature vector per pixel (Krähenbühl and Koltun, NIPS 2011, equation 2). Immutable and therefore thread-safe.
/// </summary>
public sealed class PairwiseKernel
{
    /// <summary>The maximum number of dimensions.</summary>
    private const int MaxDimensions = 64;

    /// <summary>Coordinates on the lattice are 32-bit integers of at most about √d times a feature.</summary>
    private const float MaxFeature = 1e6f;

    private readonly float[] _features;

    /// <summary>Creates a kernel over any features, for example depth, or more than three colour channels.</summary>
    /// <param name="features">
    /// <c>[N, dimensions]</c>, pixel by pixel, rows from top to bottom: the features divided by their standard deviations, from
    /// -1,000,000 to 1,000,000. Copied.
    /// </param>
    /// <param name="dimensions">The features per pixel, 1 to 64. Time and memory grow with its square.</param>
    /// <param name="weight">The weight w, 0 to 1,000,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimensions or the weight are out of range.</exception>
    /// <exception cref="ArgumentException">
    /// The number of features is no multiple of the dimensions, zero, or too large, or a feature is out of range.
    /// </exception>
    public PairwiseKernel(ReadOnlySpan<float> features, int dimensions, float weight)
        : this(features.ToArray(), dimensions, weight, nameof(features))
    {
    }

    private PairwiseKernel(float[] features, int dimensions, float weight, string argument)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimensions, MaxDimensions);
        Bounds.Require(weight, 0, DenseCrfOptions.MaxWeight);
        if (features.Length == 0 || features.Length % dimensions != 0)
        {
            throw new ArgumentException(
                $"{nameof(features)}: expected {dimensions} values for every pixel, got {features.Length:N0} values.", nameof(features));
        }
        int maxPixels = PermutohedralLattice.MaxPoints(dimensions);
        if (features.Length / dimensions > maxPixels)
        {
            throw new ArgumentException(
                $"{nameof(features)}: expected at most {maxPixels:N0} pixels, got {features.Length / dimensions:N0}.", nameof(features));
        }
        foreach (float feature in features)
        {
            if (!(Math.Abs(feature) <= MaxFeature))
            {
                throw new ArgumentException(
                    $"{argument}: expected features from {-MaxFeature:N0} to {MaxFeature:N0}, got {feature}.", argument);
            }
        }
        (_features, Dimensions, Weight) = (features, dimensions, weight);
    }

    /// <summary>The features, <c>[N, Dimensions]</c>.</summary>
    public ReadOnlyMemory<float> Features => _features;

    /// <summary>The features per pixel.</summary>
    public int Dimensions { get; }

    /// <summary>The weight w.</summary>
    public float Weight { get; }

    internal int Pixels => _features.Length / Dimensions;

    /// <summary>The smoothness kernel: features are the pixel's position.</summary>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="deviation">The standard deviation in pixels, 0.1 to 100,000.</param>
    /// <param name="weight">The weight w, 0 to 1,000,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">The image has too many pixels.</exception>
    public static PairwiseKernel Position(int width, int height, float deviation, float weight)
    {
        const int dimensions = 2;
        float[] features = Allocate(width, height, dimensions);
        DenseCrfOptions.RequireDeviation(deviation);
        for (int i = 0; i < width * height; i++)
        {
            features[dimensions * i] = i % width / deviation;
            features[dimensions * i + 1] = i / width / deviation;
        }
        return new PairwiseKernel(features, dimensions, weight, nameof(width));
    }

    /// <summary>The appearance kernel: features are the pixel's position and colour.</summary>
    /// <param name="pixels">RGB in 0..1 as planes <c>[3, height, width]</c>.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <param name="positionDeviation">The standard deviation of positions in pixels, 0.1 to 100,000.</param>
    /// <param name="colorDeviation">The standard deviation of colours on the scale 0..255, 0.1 to 100,000.</param>
    /// <param name="weight">The weight w, 0 to 1,000,000.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">
    /// The buffer is too short, the image has too many pixels, or a feature is NaN or beyond ±1,000,000.
    /// </exception>
    public static PairwiseKernel Appearance(
        ReadOnlySpan<float> pixels, int width, int height, float positionDeviation, float colorDeviation, float weight)
    {
        const int dimensions = 5;
        float[] features = Allocate(width, height, dimensions);
        DenseCrfOptions.RequireDeviation(positionDeviation);
        DenseCrfOptions.RequireDeviation(colorDeviation);
        int plane = width * height;
        if (pixels.Length < 3 * plane)
        {
            throw new ArgumentException(
                $"{nameof(pixels)}: [3, {height}, {width}] needs {3 * plane:N0} values, got {pixels.Length:N0}.", nameof(pixels));
        }
        float colorScale = 255 / colorDeviation;
        for (int i = 0; i < plane; i++)
        {
            Span<float> feature = features.AsSpan(dimensions * i, dimensions);
            feature[0] = i % width / positionDeviation;
            feature[1] = i / width / positionDeviation;
            for (int channel = 0; channel < 3; channel++)
                feature[2 + channel] = pixels[channel * plane + i] * colorScale;
        }
        return new PairwiseKernel(features, dimensions, weight, nameof(pixels));
    }

    private static float[] Allocate(int width, int height, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        int maxPixels = PermutohedralLattice.MaxPoints(dimensions);
        if ((long)width * height > maxPixels)
            throw new ArgumentException($"Expected at most {maxPixels:N0} pixels, got {width} x {height}.", nameof(width));
        return GC.AllocateUninitializedArray<float>(width * height * dimensions);
    }
}
