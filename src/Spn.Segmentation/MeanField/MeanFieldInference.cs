using System.Runtime.CompilerServices;
using Spn.Segmentation.Lattice;

namespace Spn.Segmentation.MeanField;

/// <summary>
/// Mean field for a fully connected CRF with Potts compatibility (Krähenbühl and Koltun, "Efficient Inference in Fully Connected CRFs with
/// Gaussian Edge Potentials", NIPS 2011, algorithm 1): Q ← softmax(log p + Σ w·K̂·Q), all pixels together, with every kernel normalized
/// symmetrically, K̂ = D^-½ K D^-½ with D = K·1.
/// </summary>
/// <remarks>
/// A pixel's values are stored in blocks of <c>TRow.Width</c> classes, <c>[blocks, N, Width]</c>, so that any number of classes is filtered
/// with the same memory on the lattice. A block's messages replace its old distribution as soon as all kernels have splatted it.
/// </remarks>
/// <typeparam name="TRow">The classes of one block.</typeparam>
internal sealed unsafe class MeanFieldInference<TRow> : IDisposable
    where TRow : unmanaged, IRow<TRow>
{
    /// <summary>Pixels per part of the work.</summary>
    private const int Part = 1 << 12;

    /// <summary>
    /// The logarithm for the classes that only pad the last block: far below every other, so that their probability is 0.
    /// </summary>
    private const float Padding = -1e30f;

    /// <summary>The lowest probability of the input; the logarithm of 0 would rule a class out for good.</summary>
    private const float MinProbability = 1e-5f;

    private readonly int _classes;
    private readonly int _pixels;
    private readonly int _blocks;
    private readonly int _threads;
    private readonly LatticeFilter<TRow>[] _filters;
    private readonly PinnedArray<float> _logs;
    private readonly PinnedArray<float> _distribution;

    public MeanFieldInference(IReadOnlyList<PermutohedralLattice> lattices, int classes, int pixels, int threads)
    {
        _classes = classes;
        _pixels = pixels;
        _threads = threads;
        _blocks = (classes + TRow.Width - 1) / TRow.Width;
        _filters = new LatticeFilter<TRow>[lattices.Count];
        _logs = new((long)_blocks * pixels * TRow.Width);
        _distribution = new((long)_blocks * pixels * TRow.Width);
        for (int i = 0; i < _filters.Length; i++)
            _filters[i] = new(lattices[i], threads);
    }

    /// <summary>Runs the iterations.</summary>
    /// <param name="probabilities">The unary term, <c>[K, N]</c>, and the result.</param>
    /// <param name="iterations">The number of iterations.</param>
    /// <param name="cancellation">Stops between iterations.</param>
    public void Run(Span<float> probabilities, int iterations, CancellationToken cancellation)
    {
        fixed (float* planes = probabilities)
        {
            float* values = planes; // a lambda cannot hold a fixed pointer
            Ranges.Run(_pixels, Part, _threads, (start, end) => Start(values, start, end));
            for (int i = 0; i < iterations; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                Iterate();
            }
            Ranges.Run(_pixels, Part, _threads, (start, end) => CopyTo(values, start, end));
        }
    }

    public void Dispose()
    {
        _logs.Dispose();
        _distribution.Dispose();
        foreach (LatticeFilter<TRow> filter in _filters)
            filter.Dispose();
    }

    private void Iterate()
    {
        for (int block = 0; block < _blocks; block++)
        {
            float* rows = Rows(_distribution, block), logs = Rows(_logs, block);
            foreach (LatticeFilter<TRow> filter in _filters)
                filter.Run(rows);
            Ranges.Run(_pixels, Part, _threads, (start, end) => Update(logs, rows, start, end));
        }
        if (_blocks > 1)
            Ranges.Run(_pixels, Part, _threads, NormalizeBlocks);
    }

    private float* Rows(PinnedArray<float> values, int block) => values.Pointer + (long)block * _pixels * TRow.Width;

    /// <summary>Stores log p, and its softmax as the first distribution.</summary>
    private void Start(float* planes, int start, int end)
    {
        for (int block = 0; block < _blocks; block++)
        {
            float* logs = Rows(_logs, block), rows = Rows(_distribution, block);
            for (int lane = 0; lane < TRow.Width; lane++)
            {
                int index = block * TRow.Width + lane;
                float* plane = planes + (long)index * _pixels;
                for (int pixel = start; pixel < end; pixel++)
                    logs[(long)pixel * TRow.Width + lane] = index < _classes ? MathF.Log(Math.Max(plane[pixel], MinProbability)) : Padding;
            }
            long first = (long)start * TRow.Width, count = (long)(end - start) * TRow.Width;
            Buffer.MemoryCopy(logs + first, rows + first, count * sizeof(float), count * sizeof(float));
        }
        NormalizeBlocks(start, end);
    }

    /// <summary>Adds the messages of all kernels to the unary term. If there is one block, its softmax follows immediately.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Update(float* logs, float* rows, int start, int end)
    {
        bool normalize = _blocks == 1;
        LatticeFilter<TRow>[] filters = _filters;
        for (int pixel = start; pixel < end; pixel++)
        {
            TRow row = TRow.Load(logs + (long)pixel * TRow.Width);
            foreach (LatticeFilter<TRow> filter in filters)
            {
                int corners = filter.Lattice.Dimensions + 1;
                row = LatticeFilter<TRow>.Slice(row, filter.Lattice.Corners + (long)pixel * corners, corners, filter.Values);
            }
            if (normalize)
            {
                row = row.Exp(Vectors.Max(row.Maxima()));
                row = row.Times(1 / Vectors.Sum(row.Sums()));
            }
            row.Store(rows + (long)pixel * TRow.Width);
        }
    }

    /// <summary>Softmax over all blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NormalizeBlocks(int start, int end)
    {
        for (int pixel = start; pixel < end; pixel++)
        {
            float max = float.NegativeInfinity, sum = 0;
            for (int block = 0; block < _blocks; block++)
                max = Math.Max(max, Vectors.Max(TRow.Load(Row(block, pixel)).Maxima()));
            for (int block = 0; block < _blocks; block++)
            {
                TRow row = TRow.Load(Row(block, pixel)).Exp(max);
                row.Store(Row(block, pixel));
                sum += Vectors.Sum(row.Sums());
            }
            for (int block = 0; block < _blocks; block++)
                TRow.Load(Row(block, pixel)).Times(1 / sum).Store(Row(block, pixel));
        }

        float* Row(int block, int pixel) => Rows(_distribution, block) + (long)pixel * TRow.Width;
    }

    private void CopyTo(float* planes, int start, int end)
    {
        for (int index = 0; index < _classes; index++)
        {
            float* rows = Rows(_distribution, index / TRow.Width) + index % TRow.Width, plane = planes + (long)index * _pixels;
            for (int pixel = start; pixel < end; pixel++)
                plane[pixel] = rows[(long)pixel * TRow.Width];
        }
    }
}
