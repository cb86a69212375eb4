namespace Spn.Inference;

/// <summary>
/// How many masks are refined together: enough to share gates and fill the threads, few enough for their maps to stay in the caches.
/// </summary>
internal static class MaskPasses
{
    /// <summary>The masks of one plan of memory; more are refined group by group, so that plans and their memory stay small.</summary>
    public const int MaxTogether = 32;

    private const long MaxPixels = 1 << 18, Max = 8;

    public static int MaxMasks(FeatureMaps masks) => (int)Math.Clamp(MaxPixels / masks.Plane, 1, Max);
}
