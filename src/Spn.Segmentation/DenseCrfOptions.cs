using System.Runtime.CompilerServices;

namespace Spn.Segmentation;

/// <summary>
/// Options of <see cref="DenseCrf"/>: two Gaussian kernels, one over position and colour (appearance), one over position only (smoothness),
/// as in Krähenbühl and Koltun, NIPS 2011, equation 3. The defaults are those of <see cref="DeepLabResNet101"/>. Immutable and therefore
/// thread-safe.
/// </summary>
public sealed record DenseCrfOptions
{
    internal const float MaxWeight = 1_000_000;

    private const float MinDeviation = 0.1f, MaxDeviation = 100_000;
    private const int MaxIterations = 1000, MaxThreads = 1024;

    /// <summary>
    /// The settings of the example program of Krähenbühl and Koltun: 5 iterations, appearance 10 / 80 pixels / 13, smoothness 3 / 3 pixels
    /// (weight / standard deviations).
    /// </summary>
    public static DenseCrfOptions KrahenbuhlKoltun { get; } = new()
    {
        Iterations = 5,
        AppearanceWeight = 10,
        AppearancePosition = 80,
        AppearanceColor = 13,
        SmoothnessWeight = 3,
        SmoothnessPosition = 3,
    };

    /// <summary>DeepLab v1 (Chen et al., ICLR 2015): appearance 4 / 49 / 5, smoothness 3 / 3, 10 iterations.</summary>
    public static DenseCrfOptions DeepLabV1 { get; } = new()
    {
        AppearancePosition = 49,
        AppearanceColor = 5,
        SmoothnessPosition = 3,
    };

    /// <summary>DeepLab v2 with VGG16 (Chen et al., PAMI 2018): appearance 4 / 65 / 3, smoothness 2 / 2, 10 iterations.</summary>
    public static DenseCrfOptions DeepLabVgg16 { get; } = new()
    {
        AppearancePosition = 65,
        SmoothnessWeight = 2,
        SmoothnessPosition = 2,
    };

    /// <summary>
    /// DeepLab v2 with ResNet101 (Chen et al., PAMI 2018): appearance 4 / 67 / 3, smoothness 3 / 1, 10 iterations. The defaults.
    /// </summary>
    public static DenseCrfOptions DeepLabResNet101 { get; } = new();

    /// <summary>The number of mean-field iterations, 1 to 1000. Default: 10.</summary>
    public int Iterations
    {
        get;
        init => field = Require(value, 1, MaxIterations);
    } = 10;

    /// <summary>The weight of the appearance kernel, 0 (none) to 1,000,000. Default: 4.</summary>
    public float AppearanceWeight
    {
        get;
        init => field = Bounds.Require(value, 0, MaxWeight);
    } = 4;

    /// <summary>The standard deviation of positions in the appearance kernel in pixels, 0.1 to 100,000. Default: 67.</summary>
    public float AppearancePosition
    {
        get;
        init => field = RequireDeviation(value);
    } = 67;

    /// <summary>
    /// The standard deviation of colours in the appearance kernel on the scale 0..255, 0.1 to 100,000. Default: 3.
    /// </summary>
    public float AppearanceColor
    {
        get;
        init => field = RequireDeviation(value);
    } = 3;

    /// <summary>The weight of the smoothness kernel, 0 (none) to 1,000,000. Default: 3.</summary>
    public float SmoothnessWeight
    {
        get;
        init => field = Bounds.Require(value, 0, MaxWeight);
    } = 3;

    /// <summary>The standard deviation of positions in the smoothness kernel in pixels, 0.1 to 100,000. Default: 1.</summary>
    public float SmoothnessPosition
    {
        get;
        init => field = RequireDeviation(value);
    } = 1;

    /// <summary>
    /// The maximum number of threads, 1 to 1024. Default: the number of processors, at most 1024. The result does not depend on it.
    /// </summary>
    public int Threads
    {
        get;
        init => field = Require(value, 1, MaxThreads);
    } = Math.Min(Environment.ProcessorCount, MaxThreads);

    internal static float RequireDeviation(float value, [CallerArgumentExpression(nameof(value))] string? argument = null)
        => Bounds.Require(value, MinDeviation, MaxDeviation, argument);

    private static int Require(int value, int min, int max)
        => value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"Expected {min} to {max}.");
}
