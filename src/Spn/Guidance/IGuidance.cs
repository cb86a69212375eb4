using TorchSharp;

namespace Spn.Guidance;

/// <summary>Looks at an image once, then refines any number of masks of that image.</summary>
/// <remarks>Both calls must be safe from several threads at once. The caller owns and disposes what they return.</remarks>
public interface IGuidance
{
    /// <summary>The guidance pass: image → gates.</summary>
    /// <param name="image"><c>[N, 3, H, W]</c>, float32, RGB in 0..1.</param>
    /// <returns>What <see cref="Propagate"/> needs, on the image's device.</returns>
    torch.Tensor Guide(torch.Tensor image);

    /// <summary>The propagation pass: masks → refined masks, each on its own: a refiner that is short of memory passes fewer at a time.</summary>
    /// <param name="guidance">The result of <see cref="Guide"/>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32, K probability maps in 0..1 at the image's size.</param>
    /// <returns><c>[N, K, H, W]</c>, float32 in 0..1.</returns>
    torch.Tensor Propagate(torch.Tensor guidance, torch.Tensor masks);
}
