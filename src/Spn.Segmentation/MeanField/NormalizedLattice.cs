using Spn.Segmentation.Lattice;

namespace Spn.Segmentation.MeanField;

/// <summary>
/// The lattice of a kernel whose filter is the kernel's message: w · D^-½ K D^-½ with D = K·1. The factors √(w / D) are part of the
/// barycentric weights.
/// </summary>
internal static unsafe class NormalizedLattice
{
    public static PermutohedralLattice Create(PairwiseKernel kernel, int threads)
    {
        PermutohedralLattice lattice = new(kernel.Features.Span, kernel.Dimensions, threads);
        try
        {
            using PinnedArray<float> factors = Sums(lattice, threads);
            for (int i = 0; i < lattice.Points; i++)
                factors.Pointer[i] = MathF.Sqrt(kernel.Weight / factors.Pointer[i]);
            lattice.Scale(factors, threads);
            return lattice;
        }
        catch
        {
            lattice.Dispose();
            throw;
        }
    }

    /// <summary>K·1.</summary>
    private static PinnedArray<float> Sums(PermutohedralLattice lattice, int threads)
    {
        using var filter = new LatticeFilter<Row4>(lattice, threads);
        using PinnedArray<float> ones = new((long)lattice.Points * Row4.Width);
        ones.Span.Fill(1);
        filter.Run(ones.Pointer);
        PinnedArray<float> sums = new(lattice.Points);
        int corners = lattice.Dimensions + 1;
        Ranges.Run(lattice.Points, 1 << 14, threads, (start, end) =>
        {
            float* row = stackalloc float[Row4.Width];
            for (int i = start; i < end; i++)
            {
                LatticeFilter<Row4>.Slice(default, lattice.Corners + (long)i * corners, corners, filter.Values).Store(row);
                sums.Pointer[i] = *row;
            }
        });
        return sums;
    }
}
