namespace Spn;

/// <summary>Where the time of one refinement went. On CUDA the device has finished each stage before the next begins.</summary>
/// <param name="Input">Reading and decoding the image and the masks.</param>
/// <param name="Guidance">Computing the guidance from the image, with the coarse pass of a large one.</param>
/// <param name="Propagation">Refining the masks.</param>
/// <param name="Output">What follows: normalizing classes, change limits, copying the result.</param>
public readonly record struct RefineTimings(TimeSpan Input, TimeSpan Guidance, TimeSpan Propagation, TimeSpan Output)
{
    /// <summary>The whole call.</summary>
    public TimeSpan Total => Input + Guidance + Propagation + Output;
}
