using Spn.Torch;
using TorchSharp;

namespace Spn.GpuBenchmarks.Libtorch;

/// <summary>
/// The recurrence as a PyTorch user would write it, with a few tensor operations per column: one direction, left to right, three-way, with
/// softmax gates. The columns are made contiguous beforehand, which favours it.
/// </summary>
internal static class TensorOps
{
    private static readonly Scalar s_noGate = float.NegativeInfinity.ToScalar();

    /// <param name="x"><c>[N, C, H, W]</c>.</param>
    /// <param name="guidance"><c>[N, 3·C, H, W]</c>, read as <c>[N, 3, C, H, W]</c>.</param>
    /// <returns>h <c>[N, C, H, W]</c>.</returns>
    public static torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance)
    {
        long batch = x.shape[0], channels = x.shape[1], height = x.shape[2];
        torch.Tensor columns = x.permute(3, 0, 1, 2).contiguous();
        torch.Tensor[] p = Gates(guidance.reshape(batch, 3, channels, height, x.shape[3]).permute(4, 1, 0, 2, 3).contiguous());
        // h = (1 - Σp) x + Σ p_k h_k; the first term is computed for all columns together.
        torch.Tensor own = columns.sub(p[0].mul(columns)).sub(p[1].mul(columns)).sub(p[2].mul(columns));
        torch.Tensor h = columns[0];
        var all = new List<torch.Tensor> { h };
        for (long t = 1; t < columns.shape[0]; t++)
        {
            torch.Tensor wide = torch.nn.functional.pad(h, [1, 1], value: 0);
            h = own[t].addcmul(p[0][t], wide.narrow(2, 0, height), Scalars.One)
                .addcmul_(p[1][t], h, Scalars.One)
                .addcmul_(p[2][t], wide.narrow(2, 2, height), Scalars.One);
            all.Add(h);
        }

        return torch.stack(all, 3);
    }

    // e^r / (1 + Σe^r) over the gates inside the image; [W, N, C, H] each.
    private static torch.Tensor[] Gates(torch.Tensor raw)
    {
        long height = raw.shape[4];
        torch.Tensor outside = torch.zeros([1, 3, 1, 1, height], raw.dtype, raw.device);
        outside.select(1, 0).narrow(3, 0, 1).fill_(s_noGate);
        outside.select(1, 2).narrow(3, height - 1, 1).fill_(s_noGate);
        raw = raw.add(outside, Scalars.One);
        torch.Tensor all = torch.cat([raw, raw.narrow(1, 0, 1).zeros_like()], 1).softmax(1);
        return [.. Enumerable.Range(0, 3).Select(k => all.select(1, k))];
    }
}
