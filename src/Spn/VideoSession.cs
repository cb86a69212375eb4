using Spn.Imaging;
using Spn.Video;

namespace Spn;

/// <summary>
/// Refines the masks of a video, frame by frame. The mask of the previous frame moves with the picture and steadies the current one, so
/// that masks flicker less; where the picture changed, it has no weight. Created by <see cref="Refiner.CreateVideoSession"/>. Not
/// thread-safe: use one session per video and object. Several sessions may share a refiner.
/// </summary>
/// <remarks>
/// A session holds the brightness and the mask of one frame, about 15 bytes per pixel, in managed memory; there is nothing to dispose. A
/// cut is noticed, and a frame of another size is taken for one: such a frame is refined as if it were the first. If a call throws, the
/// session is as it was before.
/// </remarks>
public sealed class VideoSession
{
    private readonly Refiner _refiner;
    private readonly MaskSteadier _steadier = new();

    internal VideoSession(Refiner refiner) => _refiner = refiner;

    /// <summary>Refines the mask of the next frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="coarseMask">Its mask, as for <see cref="Refiner.Refine(ImageInput, MaskInput)"/>.</param>
    /// <param name="cancellation">Stops the work at the next boundary between stages.</param>
    /// <returns>A mask of the frame's size; soft unless the refiner was built <see cref="RefinerBuilder.WithHardOutput"/>.</returns>
    /// <inheritdoc cref="Refiner.Refine(ImageInput, MaskInput)"/>
    public Mask Refine(ImageInput frame, MaskInput coarseMask, CancellationToken cancellation = default)
        => _refiner.RefineFrame(frame, coarseMask, _steadier, cancellation);

    /// <summary>Forgets the earlier frames, for example to refine another video.</summary>
    public void Restart() => _steadier.Restart();
}
