using Spn.Imaging;
using Spn.Imaging.Shapes;

namespace Spn.Refinement;

/// <summary>Removes small islands and holes from refined masks.</summary>
internal static class Specks
{
    /// <param name="masks"><c>[K, H, W]</c>, changed in place.</param>
    /// <param name="minArea">The smallest area that stays, in pixels.</param>
    public static void Remove(Planes masks, int minArea)
    {
        for (int k = 0; k < masks.Count; k++)
            AreaFilter.RemoveIslandsAndHoles(masks[k], masks.Width, masks.Height, minArea);
    }
}
