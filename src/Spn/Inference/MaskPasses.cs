namespace Spn.Inference;

/// <summary>
/// How many masks are refined together: enough to share gates and fill the threads, few enough for their maps to stay in the caches.
/// </summary>
internal static class MaskPasses
{
    private const long MaxPixels = 1 << 18, Max = 8;

    public static int MaxMasks(FeatureMaps masks) => (int)Math.Clamp(MaxPixels / masks.Plane, 1, Max);
}
