using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>Image and masks of one size → guidance → propagation → refined masks.</summary>
/// <param name="method">The method.</param>
/// <param name="isTrusted">Whether the method is one of this library, whose results need no check.</param>
internal sealed class Pipeline(IRefinementMethod method, bool isTrusted)
{
    /// <summary>Runs guidance and propagation.</summary>
    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="refined">Receives the refined masks, <c>[K, H, W]</c>.</param>
    /// <param name="stages">Notified when each stage ends.</param>
    /// <exception cref="InvalidOperationException">A custom method returned NaN, or a value outside 0..1.</exception>
    public void Run(Planes image, Planes masks, Planes refined, Stages stages)
    {
        using IGuidance guidance = method.Guide(image.All, image.Width, image.Height);
        stages.End(Stage.Guidance);
        if (!isTrusted)
            refined.All.Clear(); // memory of other calls
        guidance.Propagate(masks.All, refined.All);
        if (!isTrusted)
            Check(refined.All);
        stages.End(Stage.Propagation);
    }

    private void Check(Span<float> refined)
    {
        try
        {
            UnitRange.Clamp("refined", refined);
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"{method.GetType().Name} returned values that are no probabilities. {e.Message}", e);
        }
    }
}
