using System.Runtime.CompilerServices;

namespace Spn.Segmentation.Lattice;

/// <summary>
/// Filters rows of values on a lattice. Every vertex and every point gathers its values in a fixed order, so the result does not depend on
/// the number of threads.
/// </summary>
/// <typeparam name="TRow">The values per point.</typeparam>
/// <param name="lattice">The lattice, which the caller disposes.</param>
/// <param name="threads">The maximum number of threads, 1 or more.</param>
internal sealed unsafe class LatticeFilter<TRow>(PermutohedralLattice lattice, int threads) : IDisposable
    where TRow : unmanaged, IRow<TRow>
{
    /// <summary>Vertices per part of the work.</summary>
    private const int Part = 1 << 10;

    private PinnedArray<float> _values = new((long)lattice.Vertices * TRow.Width);
    private PinnedArray<float> _blurred = new((long)lattice.Vertices * TRow.Width);

    public PermutohedralLattice Lattice => lattice;

    /// <summary>The vertices' values after <see cref="Run"/>: <c>[Vertices, Width]</c>.</summary>
    public float* Values => _values.Pointer;

    /// <summary>Splats the points' values and blurs them along every axis.</summary>
    /// <param name="points"><c>[N, Width]</c>.</param>
    /// <param name="transposed">
    /// Whether to apply the transpose, which takes the axes in reverse order. Where vertices are missing, the order makes a difference.
    /// </param>
    public void Run(float* points, bool transposed = false)
    {
        Ranges.Run(lattice.Vertices, Part, threads, (start, end) => Splat(lattice, points, _values.Pointer, start, end));
        for (int i = 0; i <= lattice.Dimensions; i++)
        {
            int* neighbors = lattice.Neighbors(transposed ? lattice.Dimensions - i : i);
            Ranges.Run(lattice.Vertices, Part, threads, (start, end) => Blur(neighbors, _values.Pointer, _blurred.Pointer, start, end));
            (_values, _blurred) = (_blurred, _values);
        }
    }

    /// <summary>The value of a point, added to a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="corners">The point's corners.</param>
    /// <param name="count">Their number.</param>
    /// <param name="values">The vertices' values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TRow Slice(TRow row, PermutohedralLattice.Entry* corners, int count, float* values)
    {
        for (int i = 0; i < count; i++)
            row = row.Plus(corners[i].Weight, values + (long)corners[i].Index * TRow.Width);
        return row;
    }

    public void Dispose()
    {
        _values.Dispose();
        _blurred.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Splat(PermutohedralLattice lattice, float* points, float* values, int start, int end)
    {
        int* starts = lattice.Starts;
        PermutohedralLattice.Entry* touching = lattice.Touching;
        for (int vertex = start; vertex < end; vertex++)
        {
            TRow sum = default;
            for (int i = starts[vertex]; i < starts[vertex + 1]; i++)
                sum = sum.Plus(touching[i].Weight, points + (long)touching[i].Index * TRow.Width);
            sum.Store(values + (long)vertex * TRow.Width);
        }
    }

    /// <summary>The weights are ½, 1, ½. Vertex 0 has itself as neighbours, so it stays 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blur(int* neighbors, float* values, float* blurred, int start, int end)
    {
        for (int vertex = start; vertex < end; vertex++)
        {
            TRow.Load(values + (long)vertex * TRow.Width)
                .Plus(0.5f, values + (long)neighbors[2 * vertex] * TRow.Width)
                .Plus(0.5f, values + (long)neighbors[2 * vertex + 1] * TRow.Width)
                .Store(blurred + (long)vertex * TRow.Width);
        }
    }
}
