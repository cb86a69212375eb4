using Spn.Guidance;
using Spn.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Refinement;

/// <summary>
/// A first look at a large image, on a smaller copy. A model mends what is wrong with a mask up to the size in pixels that it was trained on, and errors grow with the image: so the copy, of about
/// the training photos' size, is refined first, and what that changes is added to the mask before it is refined at full size. (CascadePSP, Cheng et al., CVPR 2020, has a global step before
/// its local ones.) The mask's own detail stays, down to lines that the copy cannot show.
/// </summary>
/// <param name="model">Refines both.</param>
/// <param name="device">Where.</param>
internal sealed class SmallerCopy(SpnModel model, Device device)
{
    /// <summary>From here on it pays: 1.4 times as wide and high as the copy.</summary>
    public const long LeastPixels = 2 * Pixels;

    private const long Pixels = 420_000; // 854 x 480 has 410,000

    /// <summary>Where the copy misses more of the mask than this on average, it cannot tell its errors from its detail.</summary>
    private const float MostDetail = 0.1f;

    /// <summary>The width of the square that a border's pixel takes its change from: detail reaches a pixel of the copy to both sides.</summary>
    private const int Reach = 3;

    /// <summary>Changes of a probability by less than this are no errors put right.</summary>
    private static readonly Scalar s_least = 0.1f.ToScalar(), s_most = (-0.1f).ToScalar();

    /// <param name="image"><c>[N, 3, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>, float32 in 0..1, on the device.</param>
    /// <param name="stages">The call's: cancelled with it.</param>
    /// <returns><c>[N, K, H, W]</c>: the masks with their large errors put right; those that came where the image is not large.</returns>
    public Tensor Lead(Tensor image, Tensor masks, Stages stages)
    {
        long height = image.shape[2], width = image.shape[3];
        if (height * width < LeastPixels)
            return masks.alias();

        using DisposeScope scope = NewDisposeScope();
        double scale = Math.Sqrt((double)Pixels / (height * width));
        long[] size = [Math.Max(1, (long)Math.Round(height * scale)), Math.Max(1, (long)Math.Round(width * scale))];
        Tensor copy = nn.functional.interpolate(image, size, mode: InterpolationMode.Area), coarse = nn.functional.interpolate(masks, size, mode: InterpolationMode.Area);
        Tensor change = new Pipeline(model, device).Run(copy, coarse, stages.Quiet()).sub_(coarse);
        Tensor large = change.sub_(change.clamp(s_most, s_least)), led = empty_like(masks);
        for (long k = 0; k < masks.shape[1]; k++) // one at a time: what is as large as the image is in memory for one
        {
            using DisposeScope single = NewDisposeScope();
            led.narrow(1, k, 1).copy_(Mend(masks.narrow(1, k, 1), coarse.narrow(1, k, 1), large.narrow(1, k, 1)));
        }
        return led.MoveToOuterDisposeScope();
    }

    /// <summary>Adds the copy's change to a mask, but for what the copy cannot tell from the mask's detail.</summary>
    /// <param name="mask"><c>[N, 1, H, W]</c>.</param>
    /// <param name="coarse">The mask in the copy, <c>[N, 1, h, w]</c>.</param>
    /// <param name="change">What to add to it there, <c>[N, 1, h, w]</c>.</param>
    private Tensor Mend(Tensor mask, Tensor coarse, Tensor change)
    {
        long[] full = mask.shape[2..], size = coarse.shape[2..];
        Tensor zero = tensor(0f, device: device), one = ones_like(zero), most = tensor(MostDetail, device: device);
        Tensor doubt = nn.functional.interpolate(Enlarge(coarse).sub_(mask).abs_(), size, mode: InterpolationMode.Area).div_(most).clamp_(zero, one);
        Tensor certain = change.sub(change.mul(doubt)), more = Around(certain), less = Around(certain.neg());
        return Enlarge(doubt.mul_(more.sub_(less)).add_(certain, Scalars.One)).add_(mask, Scalars.One).clamp_(zero, one);

        Tensor Enlarge(Tensor maps) => nn.functional.interpolate(maps, full, mode: InterpolationMode.Bilinear, align_corners: false);

        // The mask's border is detail too. What is wrong on one side of it is wrong up to it: without this a rim would stay.
        static Tensor Around(Tensor maps) => nn.functional.max_pool2d(maps.relu(), [Reach, Reach], strides: [1, 1], padding: [Reach / 2, Reach / 2]);
    }
}
