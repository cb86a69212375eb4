using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Benchmarks.Baselines;

/// <summary>
/// The same recurrence in libtorch operations, line by line, as written without a custom kernel. Several steps are done in advance in its
/// favour: the gates are normalised and stored as contiguous lines, and (1 - Σp) is multiplied into x once for the whole map. Lines are in
/// a padded buffer, so that a neighbour is a view, and a step is three in-place addcmul calls.
/// </summary>
internal sealed class LibTorchScan : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor[][][] _gates = new Tensor[4][][]; // direction, line, gate: [C or 1, L]
    private readonly Tensor[] _own = new Tensor[4]; // direction: 1 - Σp, [T, C or 1, L]
    private readonly Tensor _x;

    public LibTorchScan(PropagationProblem problem)
    {
        using var _ = no_grad();
        _x = tensor(problem.X, dimensions: [problem.Channels, problem.Size, problem.Size]);
        Tensor guidance = tensor(problem.Gates, dimensions: [4, 3, problem.Groups, problem.Size, problem.Size]);
        for (int d = 0; d < 4; d++)
        {
            Tensor p = Lines(guidance[d], d); // [T, 3, G, L]
            p.select(1, 0).select(-1, 0).zero_();
            p.select(1, 2).select(-1, problem.Size - 1).zero_();
            p[0].zero_();
            _own[d] = (1 - p.sum(1)).contiguous();
            _gates[d] = [.. p.unbind(0).Select(line => line.unbind(0))];
        }
    }

    public void Dispose() => _scope.Dispose();

    /// <summary>Four directions and their maximum, [C, H, W].</summary>
    public Tensor Run()
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor? best = null;
        for (int d = 0; d < 4; d++)
        {
            using var inner = NewDisposeScope();
            Tensor h = Unlines(Scan(d), d);
            best = (best is null ? h.contiguous() : maximum(best, h)).MoveToOuterDisposeScope();
        }

        return best!.MoveToOuterDisposeScope();
    }

    private Tensor Scan(int d)
    {
        Tensor x = Lines(_x, d); // [T, C, L]
        long length = x.shape[2];
        Tensor buffer = zeros(x.shape[0], x.shape[1], length + 2);
        Tensor inside = buffer.narrow(2, 1, length);
        inside.copy_(x.mul_(_own[d]));
        for (int t = 1; t < x.shape[0]; t++)
        {
            using var step = NewDisposeScope();
            Tensor previous = buffer[t - 1];
            Tensor line = inside[t];
            for (int k = 0; k < 3; k++)
                line.addcmul_(_gates[d][t][k], previous.narrow(1, k, length), s_one);
        }

        return inside;
    }

    private static readonly Scalar s_one = 1f.ToScalar();

    /// <summary>Reorders […, H, W] to lines in scan order, [T, …, L].</summary>
    private static Tensor Lines(Tensor map, int d)
    {
        Tensor lines = d < 2 ? map.moveaxis([-1], [0]) : map.moveaxis([-2], [0]);
        return (d % 2 == 1 ? lines.flip(0) : lines).clone().contiguous();
    }

    private static Tensor Unlines(Tensor lines, int d)
    {
        Tensor ordered = d % 2 == 1 ? lines.flip(0) : lines;
        return d < 2 ? ordered.moveaxis([0], [-1]) : ordered.moveaxis([0], [-2]);
    }
}
