using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Segmentation.Torch;

/// <summary>
/// The fully connected propagation, to which the paper compares its three-way connection (Liu et al., NIPS 2017): every pixel of a line is
/// connected to every pixel of the line before. A slow reference for small maps: it needs as many gates per pixel as a line has
/// pixels. Thread-safe.
/// </summary>
public static class FullPropagation
{
    /// <summary>
    /// Scans x in one direction, h[i,t] = (1 - Σj p_ij[t]) · x[i,t] + Σj p_ij[t] · h[j,t-1], with p_ij = e^r_ij / (1 + Σj e^r_ij). The
    /// first line is x. Differentiable.
    /// </summary>
    /// <param name="x"><c>[N, C, H, W]</c>, float32 or float64.</param>
    /// <param name="guidance">
    /// Raw guidance r <c>[N, T, L, L]</c> of x's type, shared by the channels: T lines of L pixels (T = W and L = H for the horizontal
    /// directions, T = H and L = W for the vertical ones), then pixel i of the line, then pixel j of the line before. Lines are numbered
    /// from the left or the top in every direction; the guidance of a scan's first line is not used. -∞ removes a connection.
    /// </param>
    /// <param name="direction">One direction.</param>
    /// <returns><c>[N, C, H, W]</c>. The caller owns it.</returns>
    /// <exception cref="ArgumentException">The direction is not a single one, or a shape does not fit.</exception>
    public static Tensor Propagate(Tensor x, Tensor guidance, ScanDirections direction)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(guidance);
        bool horizontal = direction is ScanDirections.LeftToRight or ScanDirections.RightToLeft;
        if (!horizontal && direction is not (ScanDirections.TopToBottom or ScanDirections.BottomToTop))
            throw new ArgumentException($"The direction is {direction}, expected a single one.", nameof(direction));
        int across = horizontal ? 2 : 3, along = horizontal ? 3 : 2;
        if (x.dim() != 4 || guidance.dtype != x.dtype
            || !guidance.shape.SequenceEqual([x.shape[0], x.shape[along], x.shape[across], x.shape[across]]))
        {
            throw new ArgumentException(
                $"The guidance is {guidance.dtype} [{string.Join(", ", guidance.shape)}] for maps {x.dtype} " +
                $"[{string.Join(", ", x.shape)}], expected [N, T, L, L] of their type.", nameof(guidance));
        }

        using DisposeScope scope = NewDisposeScope();
        long lines = x.shape[along];
        bool forward = direction is ScanDirections.LeftToRight or ScanDirections.TopToBottom;
        var results = new Tensor[lines];
        Tensor? before = null;
        for (long step = 0; step < lines; step++)
        {
            long t = forward ? step : lines - 1 - step;
            Tensor line = x.select(along, t); // [N, C, L]
            before = before is null ? line.alias() : Step(line, before, guidance.select(1, t));
            results[t] = before;
        }
        return stack(results, along).MoveToOuterDisposeScope();
    }

    private static Tensor Step(Tensor line, Tensor before, Tensor raw)
    {
        // A softmax with one more logit, 0, whose share belongs to x.
        Tensor own = zeros_like(raw.narrow(2, 0, 1)), shares = cat([raw, own], 2).softmax(2);
        Tensor gates = shares.narrow(2, 0, raw.shape[2]), kept = shares.narrow(2, raw.shape[2], 1).squeeze(2).unsqueeze(1);
        return line.mul(kept).add(before.matmul(gates.transpose(1, 2)), Scalars.One);
    }
}
