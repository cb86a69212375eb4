using Orleans;

namespace Spn.Orleans;

/// <summary>
/// How the masks of a job are refined. They are the options of <c>spn batch</c>, and the outputs are the same, byte by byte.
/// </summary>
[GenerateSerializer, Immutable, Alias("spn.job-options")]
public sealed record RefineJobOptions
{
    /// <summary>
    /// <c>Fast</c> (default), <c>Quality</c>, or the path of a <c>.safetensors</c> file in the job's storage, which must not change while
    /// the job runs.
    /// </summary>
    [Id(0)]
    public string Model { get; init; } = "Fast";

    /// <summary>Whether masks become zeros and ones; default <see langword="false"/>.</summary>
    [Id(1)]
    public bool IsHard { get; init; }

    /// <summary>Whether only pixels near the coarse boundary may change; default <see langword="false"/>.</summary>
    [Id(2)]
    public bool IsLimited { get; init; }

    /// <summary>Whether masks are label maps, whose labels are refined together; default <see langword="false"/>.</summary>
    [Id(3)]
    public bool AreLabels { get; init; }

    /// <summary>What a mask of other proportions than its image covers. Not used for label maps.</summary>
    [Id(4)]
    public MaskFit Fit { get; init; } = MaskFit.Proportional;

    /// <summary>The meaning of a mask's values. Not used for label maps.</summary>
    [Id(5)]
    public MaskValues Values { get; init; } = MaskValues.Auto;

    /// <summary>Whether masks are RGB pictures in the colours of Pascal VOC; default <see langword="false"/>.</summary>
    [Id(6)]
    public bool AreVocColors { get; init; }

    /// <summary>Whether coarse masks stay if the refined ones are not likely better; default <see langword="false"/>.</summary>
    [Id(7)]
    public bool FallsBack { get; init; }

    internal MaskOptions Mask => new() { Fit = Fit, Values = Values, Colors = AreVocColors ? LabelPalette.Voc : null };
}
