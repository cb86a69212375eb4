namespace Spn.Cli;

/// <summary>How masks are refined.</summary>
/// <param name="Model">The model.</param>
/// <param name="IsHard">Whether masks become zeros and ones.</param>
/// <param name="IsLimited">Whether only pixels near the coarse boundary may change.</param>
/// <param name="FallsBack">Whether coarse masks stay if the refined ones are not likely better.</param>
/// <param name="AreLabels">Whether masks are label maps.</param>
/// <param name="Mask">How a mask is read.</param>
internal sealed record RefineSettings(SpnModel Model, bool IsHard, bool IsLimited, bool FallsBack, bool AreLabels, MaskOptions Mask)
{
    // The library's maximum: whoever runs the command chose the files. What does not fit into memory is refused with a message.
    public const long PixelLimit = 500_000_000;

    /// <summary>A refiner for these settings. It is thread-safe.</summary>
    /// <param name="jobs">The number of calls that work together, which share the processors.</param>
    public Refiner Build(int jobs = 1)
    {
        RefinerBuilder builder = SpnRefiner.Configure()
            .WithModel(Model)
            .WithPixelLimit(PixelLimit)
            .WithMaxConcurrentCalls(jobs)
            .WithMaxThreads(Math.Max(1, Environment.ProcessorCount / jobs));
        if (IsHard)
            builder.WithHardOutput();
        if (IsLimited)
            builder.WithChangeLimit();
        if (FallsBack)
            builder.WithFallback();
        return builder.Build();
    }
}
