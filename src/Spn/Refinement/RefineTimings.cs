namespace Spn;

/// <summary>Where the time of one refinement went. On CUDA the device has finished each stage before the next begins.</summary>
/// <param name="Input">Reading and decoding the image and the masks, and copying them to the device.</param>
/// <param name="Guidance">Computing the guidance from the image.</param>
/// <param name="Propagation">Refining the masks.</param>
/// <param name="Output">Copying the result back.</param>
public readonly record struct RefineTimings(TimeSpan Input, TimeSpan Guidance, TimeSpan Propagation, TimeSpan Output)
{
    /// <summary>The whole call.</summary>
    public TimeSpan Total => Input + Guidance + Propagation + Output;
}
