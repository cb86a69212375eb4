namespace Spn.Refinement;

/// <summary>What a refiner does with inputs and outputs, besides the pipeline itself; see <see cref="RefinerBuilder"/>.</summary>
/// <param name="PixelLimit">The maximum number of pixels of an input.</param>
/// <param name="HardThreshold">Makes masks hard; <see langword="null"/> leaves them soft.</param>
/// <param name="ChangeBand">The radius of the band that may change, as a share of √(W·H); <see langword="null"/> for no limit.</param>
/// <param name="MinSpeckArea">Islands and holes of fewer pixels are removed; <see langword="null"/> keeps all.</param>
/// <param name="FallsBack">Masks that are not likely better than the coarse ones are replaced by these.</param>
/// <param name="IsLearned">The method is a trained model, whose results are guarded where training cannot promise anything.</param>
/// <param name="Method">The name of the model, or the type of another method.</param>
/// <param name="MaxThreads">The maximum number of threads of a call.</param>
/// <param name="Gate">Bounds the calls that work together.</param>
internal sealed record RefinerSettings(
    long PixelLimit, float? HardThreshold, double? ChangeBand, int? MinSpeckArea, bool FallsBack, bool IsLearned, string Method,
    int MaxThreads, CallGate Gate);
