namespace Spn;

/// <summary>Entry point: refines a coarse mask so that it follows the edges of an image.</summary>
/// <remarks>
/// The static calls share one refiner with default settings, which is created on first use. Thread-safe. Use <see cref="Configure"/> for
/// settings, asynchronous calls, reports and sequences. <see cref="Refiner"/> documents what is checked and thrown.
/// </remarks>
/// <example><code>
/// Mask refined = SpnRefiner.Refine("photo.jpg", "mask.png");
/// refined.Save("refined.png");
/// </code></example>
public static partial class SpnRefiner
{
    private static readonly Lazy<Refiner> s_shared = new(() => Configure().Build(), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Creates a builder for a configured refiner.</summary>
    public static RefinerBuilder Configure() => new();

    /// <inheritdoc cref="Refiner.Refine(ImageInput, MaskInput)"/>
    public static Mask Refine(ImageInput image, MaskInput coarseMask) => s_shared.Value.Refine(image, coarseMask);

    /// <inheritdoc cref="Refiner.Refine(ImageInput, IReadOnlyList{MaskInput})"/>
    public static IReadOnlyList<Mask> Refine(ImageInput image, IReadOnlyList<MaskInput> coarseMasks)
        => s_shared.Value.Refine(image, coarseMasks);

    /// <inheritdoc cref="Refiner.Refine(ImageInput, LabelMap)"/>
    public static LabelMap Refine(ImageInput image, LabelMap coarseLabels) => s_shared.Value.Refine(image, coarseLabels);

    /// <inheritdoc cref="Refiner.Refine(ImageInput, ClassProbabilities)"/>
    public static ClassProbabilities Refine(ImageInput image, ClassProbabilities coarseClasses)
        => s_shared.Value.Refine(image, coarseClasses);

    /// <inheritdoc cref="Refiner.CutOut(ImageInput, MaskInput)"/>
    public static RgbaImage CutOut(ImageInput image, MaskInput coarseMask) => s_shared.Value.CutOut(image, coarseMask);
}
