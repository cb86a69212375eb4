using Spn.Guidance;
using Spn.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>
/// Coarse pass for large images. A model corrects errors only up to the size that it saw in training, and errors scale with the image, so
/// a downscaled copy of about the training photos' size is refined first, and its correction is added to the full-size mask before that is
/// refined. (CascadePSP, Cheng et al., CVPR 2020, has a global step before its local ones.) Detail of the mask stays, down to lines that
/// the copy cannot show.
/// </summary>
/// <param name="model">Refines the copy.</param>
/// <param name="device">The device that does the work.</param>
internal sealed class CoarsePass(SpnModel model, Device device)
{
    /// <summary>The smallest image that gets a coarse pass: 1.4 times as wide and high as the copy.</summary>
    public const long MinPixels = 2 * Pixels;

    private const long Pixels = 420_000; // 854 x 480 has 410,000

    /// <summary>If the copy loses more of the mask than this on average, its errors cannot be told from its detail.</summary>
    private const float MaxDetail = 0.1f;

    /// <summary>
    /// The width of the square from which a pixel with detail takes its change: detail reaches one pixel of the copy to both sides.
    /// </summary>
    private const int Reach = 3;

    /// <summary>Smaller changes of a probability do not count as corrections.</summary>
    private static readonly Scalar s_minChange = 0.1f.ToScalar(), s_negativeMinChange = (-0.1f).ToScalar();

    /// <param name="image"><c>[N, 3, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="stages">The stages of the call, for cancellation.</param>
    /// <returns><c>[N, K, H, W]</c>: the masks with their large errors corrected, or the given masks if the image is not large.</returns>
    public Tensor Correct(Tensor image, Tensor masks, Stages stages)
    {
        long height = image.shape[2], width = image.shape[3];
        if (height * width < MinPixels)
            return masks.alias();

        using DisposeScope scope = NewDisposeScope();
        double scale = Math.Sqrt((double)Pixels / (height * width));
        long[] size = [Math.Max(1, (long)Math.Round(height * scale)), Math.Max(1, (long)Math.Round(width * scale))];
        Tensor copy = nn.functional.interpolate(image, size, mode: InterpolationMode.Area), coarse = nn.functional.interpolate(masks, size, mode: InterpolationMode.Area);
        Tensor change = new Pipeline(model, device).Run(copy, coarse, stages.WithoutReporting()).sub_(coarse);
        Tensor large = change.sub_(change.clamp(s_negativeMinChange, s_minChange)), corrected = empty_like(masks);
        for (long k = 0; k < masks.shape[1]; k++) // one at a time, so that only one set of full-size temporaries exists
        {
            using DisposeScope single = NewDisposeScope();
            corrected.narrow(1, k, 1).copy_(Apply(masks.narrow(1, k, 1), coarse.narrow(1, k, 1), large.narrow(1, k, 1)));
        }
        return corrected.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the change of the copy to a mask, except where it cannot be told from detail of the mask.</summary>
    /// <param name="mask"><c>[N, 1, H, W]</c>.</param>
    /// <param name="coarse">The mask in the copy, <c>[N, 1, h, w]</c>.</param>
    /// <param name="change">The change in the copy, <c>[N, 1, h, w]</c>.</param>
    private Tensor Apply(Tensor mask, Tensor coarse, Tensor change)
    {
        long[] full = mask.shape[2..], size = coarse.shape[2..];
        Tensor zero = tensor(0f, device: device), one = ones_like(zero), max = tensor(MaxDetail, device: device);
        Tensor doubt = nn.functional.interpolate(Enlarge(coarse).sub_(mask).abs_(), size, mode: InterpolationMode.Area).div_(max).clamp_(zero, one);
        Tensor certain = change.sub(change.mul(doubt)), more = Around(certain), less = Around(certain.neg());
        return Enlarge(doubt.mul_(more.sub_(less)).add_(certain, Scalars.One)).add_(mask, Scalars.One).clamp_(zero, one);

        Tensor Enlarge(Tensor maps) => nn.functional.interpolate(maps, full, mode: InterpolationMode.Bilinear, align_corners: false);

        // The boundary of the mask is detail too. An error on one side of it reaches up to it; without this a rim would stay.
        static Tensor Around(Tensor maps)
            => nn.functional.max_pool2d(maps.relu(), [Reach, Reach], strides: [1, 1], padding: [Reach / 2, Reach / 2]);
    }
}
