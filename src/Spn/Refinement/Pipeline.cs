using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>Image and masks of one size → guidance → propagation → refined masks.</summary>
internal sealed class Pipeline(IRefinementMethod method)
{
    /// <summary>Runs guidance and propagation.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="refined">Receives the refined masks, <c>[K, H, W]</c>.</param>
    /// <param name="stages">Notified when each stage ends.</param>
    public void Run(Planes image, Planes masks, Planes refined, Stages stages)
    {
        using IGuidance guidance = method.Guide(image.All, image.Width, image.Height);
        stages.End(Stage.Guidance);
        guidance.Propagate(masks.All, refined.All);
        stages.End(Stage.Propagation);
    }
}
