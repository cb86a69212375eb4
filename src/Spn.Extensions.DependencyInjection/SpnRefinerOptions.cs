namespace Spn.Extensions.DependencyInjection;

/// <summary>
/// The settings of a refiner in an app with dependency injection, as a section of the configuration holds them. They are read when the
/// refiner is built; later changes have no effect. <see cref="RefinerBuilder"/> describes each setting in detail.
/// </summary>
public sealed class SpnRefinerOptions
{
    /// <summary><c>Fast</c> (default), <c>Quality</c>, or the path of a model file.</summary>
    public string Model { get; set; } = "Fast";

    /// <summary>What runs the networks; <see langword="null"/> (default) takes CUDA if it works, otherwise the CPU.</summary>
    public RefinerDevice? Device { get; set; }

    /// <summary>The maximum number of threads of a call, 1 or more; <see langword="null"/> (default) takes all processors.</summary>
    public int? MaxThreads { get; set; }

    /// <summary>
    /// The maximum number of calls of this refiner that work together, 1 or more. By default all refiners of the process share a limit: the
    /// number of processors, at least 2.
    /// </summary>
    public int? MaxConcurrentCalls { get; set; }

    /// <summary>The maximum number of pixels of an image or mask, 1 to 500 million; default 100 million.</summary>
    public long PixelLimit { get; set; } = 100_000_000;

    /// <summary>Makes masks hard: the lowest probability that becomes 1, 0..1. By default masks are soft.</summary>
    public float? HardThreshold { get; set; }

    /// <summary>
    /// Restricts changes to a band around the boundary: its radius as a share of √(width·height), above 0, at most 0.25. By default any
    /// pixel may change.
    /// </summary>
    public double? ChangeLimit { get; set; }

    /// <summary>Removes islands and holes of fewer pixels, 1 or more. By default none.</summary>
    public int? MinSpeckArea { get; set; }

    /// <summary>Whether coarse masks stay if the refined ones are not likely better; default <see langword="false"/>.</summary>
    public bool Fallback { get; set; }

    /// <summary>The maximum width and height of a tile, 256 or more. By default the model decides.</summary>
    public int? TileSide { get; set; }

    /// <summary>Whether large images are refined at a smaller size first; default <see langword="true"/>.</summary>
    public bool CoarsePass { get; set; } = true;

    /// <summary>Builds the refiner.</summary>
    internal Refiner Build()
    {
        RefinerBuilder builder = SpnRefiner.Configure().WithPixelLimit(PixelLimit);
        builder = Model switch
        {
            "Fast" => builder.WithModel(SpnModel.Fast),
            "Quality" => builder.WithModel(SpnModel.Quality),
            _ => builder.WithModel(Model),
        };
        builder = Device switch
        {
            RefinerDevice.Cpu => builder.OnCpu(),
            RefinerDevice.Cuda => builder.OnCuda(),
            _ => builder.OnBestDevice(),
        };
        if (MaxThreads is int threads)
            builder.WithMaxThreads(threads);
        if (MaxConcurrentCalls is int calls)
            builder.WithMaxConcurrentCalls(calls);
        if (HardThreshold is float threshold)
            builder.WithHardOutput(threshold);
        if (ChangeLimit is double band)
            builder.WithChangeLimit(band);
        if (MinSpeckArea is int area)
            builder.WithSpecksRemoved(area);
        if (Fallback)
            builder.WithFallback();
        if (TileSide is int side)
            builder.WithTiles(side);
        if (!CoarsePass)
            builder.WithoutCoarsePass();
        return builder.Build();
    }
}
