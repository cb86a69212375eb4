using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Spn.Segmentation.Lattice;
using TorchSharp;

namespace Spn.Segmentation.Torch;

/// <summary>Filters planes of a tensor on a lattice: K·x, or the transpose.</summary>
internal static unsafe class LatticePlanes
{
    private const int Part = 1 << 12;

    /// <param name="lattice">The lattice of N points.</param>
    /// <param name="planes"><c>[C, N]</c>, float32, on the CPU.</param>
    /// <param name="transposed">Whether to multiply by the transpose; see <see cref="LatticeFilter{TRow}.Run"/>.</param>
    /// <param name="threads">The maximum number of threads.</param>
    /// <returns><c>[C, N]</c>; the caller owns it.</returns>
    public static torch.Tensor Filter(PermutohedralLattice lattice, torch.Tensor planes, bool transposed, int threads)
    {
        using torch.Tensor dense = planes.detach().contiguous();
        torch.Tensor result = torch.empty_like(dense);
        int channels = (int)dense.shape[0];
        fixed (float* source = MemoryMarshal.Cast<byte, float>(dense.bytes), target = MemoryMarshal.Cast<byte, float>(result.bytes))
        {
            if (channels <= Row8.Width)
                Filter<Row8>(lattice, source, target, channels, transposed, threads);
            else
                Filter<RowPair<RowPair<Row8, Row8>, Row8>>(lattice, source, target, channels, transposed, threads);
        }
        GC.KeepAlive(lattice);
        return result;
    }

    private static void Filter<TRow>(
        PermutohedralLattice lattice, float* source, float* target, int channels, bool transposed, int threads)
        where TRow : unmanaged, IRow<TRow>
    {
        using var filter = new LatticeFilter<TRow>(lattice, threads);
        using var rows = new PinnedArray<float>((long)lattice.Points * TRow.Width);
        for (int first = 0; first < channels; first += TRow.Width)
        {
            int count = Math.Min(TRow.Width, channels - first);
            float* from = source + (long)first * lattice.Points, to = target + (long)first * lattice.Points;
            Ranges.Run(lattice.Points, Part, threads, (start, end) => ToRows<TRow>(from, lattice.Points, count, rows.Pointer, start, end));
            filter.Run(rows.Pointer, transposed);
            Ranges.Run(lattice.Points, Part, threads, (start, end) => ToPlanes(filter, to, count, start, end));
        }
    }

    private static void ToRows<TRow>(float* planes, int points, int count, float* rows, int start, int end)
        where TRow : unmanaged, IRow<TRow>
    {
        for (int channel = 0; channel < TRow.Width; channel++)
            for (int point = start; point < end; point++)
                rows[(long)point * TRow.Width + channel] = channel < count ? planes[(long)channel * points + point] : 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ToPlanes<TRow>(LatticeFilter<TRow> filter, float* planes, int count, int start, int end)
        where TRow : unmanaged, IRow<TRow>
    {
        PermutohedralLattice lattice = filter.Lattice;
        int corners = lattice.Dimensions + 1;
        float* row = stackalloc float[TRow.Width];
        for (int point = start; point < end; point++)
        {
            LatticeFilter<TRow>.Slice(default, lattice.Corners + (long)point * corners, corners, filter.Values).Store(row);
            for (int channel = 0; channel < count; channel++)
                planes[(long)channel * lattice.Points + point] = row[channel];
        }
    }
}
