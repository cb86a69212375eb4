using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Training.Optimization;

/// <summary>
/// Makes coarse masks harder for the model as it is now: one step of adversarial training (Madry et al., ICLR 2018), within what a network or
/// an annotator could have drawn. The masks are displaced by a smooth field, and their log-odds change smoothly.
/// </summary>
internal static class AdversarialMasks
{
    private const int Cells = 7; // of the fields, in each direction
    private const double ClampedTo = 0.003; // probabilities before their log-odds are taken

    // Numbers that operations on tensors take as tensors, because a Scalar may be freed too early.
    private const float MaxShift = 7, FirstShift = 2.5f, ShiftStep = 5; // pixels
    private const float OddsStep = 1.5f;
    private const float Tiny = 1e-12f;
    private const float ExactError = 0.002f;

    /// <summary>
    /// Replaces some of the masks. Masks that are exact stay, because a model must learn to keep them.
    /// </summary>
    /// <param name="model">The model, in training mode. Its gradients do not change.</param>
    /// <param name="images"><c>[N, 3, S, S]</c>.</param>
    /// <param name="coarse"><c>[N, K, S, S]</c> in 0..1.</param>
    /// <param name="truth"><c>[N, 1, S, S]</c> in 0..1.</param>
    /// <param name="weights"><c>[N, K, S, S]</c>, as for the loss.</param>
    /// <param name="share">The probability with which a mask is replaced, 0..1.</param>
    /// <param name="random">Decides which masks are replaced, and where the displacement begins.</param>
    /// <returns><c>[N, K, S, S]</c>, without a gradient; the caller's scope owns it.</returns>
    public static Tensor Make(
        SpnModule model, Tensor images, Tensor coarse, Tensor truth, Tensor weights, double share, SeededRandom random)
    {
        using DisposeScope scope = NewDisposeScope();
        long n = coarse.shape[0], k = coarse.shape[1];
        int masks = (int)(n * k), values = masks * 2 * Cells * Cells;
        float[] chosen = [.. Enumerable.Range(0, masks).Select(_ => random.Chance(share) ? 1f : 0f)];
        float[] first = [.. Enumerable.Range(0, values).Select(_ => random.Between(-FirstShift, FirstShift))];
        Tensor shift = tensor(first, [masks, 2, Cells, Cells], device: coarse.device, requires_grad: true);
        Tensor odds = zeros([masks, 1, Cells, Cells], device: coarse.device, requires_grad: true);
        Tensor loss = RefinementLoss.Of(model.forward(images, Change(coarse, shift, odds)), truth, weights);
        IList<Tensor> gradients = autograd.grad([loss], [shift, odds]);

        using IDisposable noGradient = no_grad();
        Tensor length = gradients[0].mul(gradients[0]).sum([1L], keepdim: true).sqrt();
        Tensor limit = Number(MaxShift), step = gradients[0].div(Largest(length)).mul(Number(ShiftStep));
        Tensor worse = maximum(minimum(shift.add(step, Scalars.One), limit), limit.neg());
        Tensor surer = gradients[1].div(Largest(gradients[1].abs())).mul(Number(OddsStep));
        Tensor error = coarse.sub(truth).abs().mean([2L, 3L], keepdim: true);
        Tensor replaced = tensor(chosen, [n, k, 1, 1], device: coarse.device).mul(error.gt(Number(ExactError)));
        return where(replaced.to_type(ScalarType.Bool), Change(coarse, worse, surer), coarse).MoveToOuterDisposeScope();

        Tensor Number(float value) => tensor(value, device: coarse.device);

        // Of each mask, never 0.
        Tensor Largest(Tensor field) => maximum(field.amax([1L, 2L, 3L], keepdim: true), Number(Tiny));
    }

    /// <summary>Displaces masks and adds to their log-odds; differentiable in both fields.</summary>
    /// <param name="coarse"><c>[N, K, S, S]</c>.</param>
    /// <param name="shift">The horizontal and the vertical displacement in pixels, <c>[N·K, 2, cells, cells]</c>.</param>
    /// <param name="odds">Log-odds to add, <c>[N·K, 1, cells, cells]</c>.</param>
    private static Tensor Change(Tensor coarse, Tensor shift, Tensor odds)
    {
        long size = coarse.shape[2], masks = shift.shape[0];
        Tensor pixels = nn.functional.interpolate(shift, [size, size], mode: InterpolationMode.Bicubic, align_corners: true);
        float[] centres = [.. Enumerable.Range(0, (int)size).Select(i => (2f * i + 1) / size - 1)]; // in the units of grid_sample
        Tensor line = tensor(centres, device: coarse.device), perPixel = tensor(2f / size, device: coarse.device);
        Tensor across = line.view(1, 1, size).add(pixels.select(1, 0).mul(perPixel), Scalars.One);
        Tensor down = line.view(1, size, 1).add(pixels.select(1, 1).mul(perPixel), Scalars.One);
        Tensor moved = nn.functional.grid_sample(
            coarse.view(masks, 1, size, size), stack([across, down], 3), GridSampleMode.Bilinear, GridSamplePaddingMode.Border,
            align_corners: false);
        Tensor added = nn.functional.interpolate(odds, [size, size], mode: InterpolationMode.Bilinear, align_corners: true);
        return moved.logit(ClampedTo).add(added, Scalars.One).sigmoid().view(coarse.shape);
    }
}
