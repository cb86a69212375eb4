using Spn.Imaging;
using Spn.Refinement;
using Spn.Video;

namespace Spn;

/// <content>Video.</content>
public sealed partial class Refiner
{
    /// <summary>Begins a video, whose masks are refined in the order of the frames and steady each other.</summary>
    /// <returns>A session that uses this refiner.</returns>
    public VideoSession CreateVideoSession()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new VideoSession(this);
    }

    internal Mask RefineFrame(ImageInput frame, MaskInput coarseMask, MaskSteadier steadier, CancellationToken cancellation)
    {
        Require(frame, coarseMask, nameof(coarseMask));
        return Work(new Stages(cancellation: cancellation), stages =>
        {
            using Planes pixels = Read(frame, masks: 1);
            using Planes coarse = Read([coarseMask], pixels.Width, pixels.Height, static _ => nameof(coarseMask));
            float[] refined = GC.AllocateUninitializedArray<float>(pixels.Pixels);
            using Planes result = new(refined, 1, pixels.Height, pixels.Width);
            Run(pixels, coarse, MapKind.Masks, result, stages);
            steadier.Steady(pixels, refined, _settings.MaxThreads);
            stages.End(Stage.Output);
            Mask soft = new(pixels.Width, pixels.Height, refined);
            return _settings.HardThreshold is float threshold ? soft.Threshold(threshold) : soft;
        });
    }
}
