using System.Buffers;
using System.Numerics;
using Spn.Simd;

namespace Spn.Inference;

/// <summary>
/// Gates from colour differences. Two touching pixels a, b share a link w = 1 / (1 + (|a - b|² / σ²)³): about 1 below σ, next to nothing
/// above. A pixel's gates for a direction are its links to the three predecessors, p_k = w_k / (Σw + δ · max(Σw, Σw', 0.3)) with Σw' the
/// links to the opposite side and δ = 1 / (reach - 1). So Σp ≤ 1 - 1/reach, reached on the better connected of two opposite sides: a pixel
/// in the middle of a blurred edge joins the side it resembles more, and only one that resembles neither keeps its own value.
/// </summary>
/// <remarks>
/// Rows are independent units. A row's four kinds of links (to the right, down, down right, down left) are computed once and serve all
/// directions; they reach one pixel beyond both ends with weight 0, which closes the gates that point outside.
/// </remarks>
internal static unsafe class EdgeGates
{
    private const int RowsPerUnit = 16;
    private const int LinkKinds = 4;
    private const float Isolated = 0.3f;

    /// <summary>Fills an image's 12 gate maps.</summary>
    /// <param name="image"><c>[3, H, W]</c>.</param>
    /// <param name="gates"><c>[12, H, W]</c>: four directions of three gates, in the operator's order.</param>
    /// <param name="width">W, 1 or more.</param>
    /// <param name="height">H, 1 or more.</param>
    /// <param name="sigma">The colour difference σ that counts as an edge, above 0.</param>
    /// <param name="reach">Pixels over which a scan averages equal colours, above 1.</param>
    /// <param name="threads">Threads to use; the result does not depend on it.</param>
    public static void Compute(float* image, float* gates, int width, int height, float sigma, float reach, int threads)
    {
        var job = new Job(image, gates, width, height, 1 / (sigma * sigma), 1 / (reach - 1));
        WorkerTeam.Run((height + RowsPerUnit - 1) / RowsPerUnit, threads, &Rows, &job);
    }

    private static void Rows(void* state, int unit)
    {
        ref readonly Job job = ref *(Job*)state;
        int stride = job.Width + 1;
        float[] scratch = ArrayPool<float>.Shared.Rent(checked(2 * LinkKinds * stride));
        scratch.AsSpan().Clear();
        fixed (float* links = scratch)
        {
            int first = unit * RowsPerUnit, end = Math.Min(first + RowsPerUnit, job.Height);
            float* above = links, here = links + LinkKinds * stride;
            if (first > 0)
                Links(job, first - 1, above);
            for (int y = first; y < end; y++)
            {
                Links(job, y, here);
                Gates(job, y, above, here);
                float* next = above;
                above = here;
                here = next;
            }
        }
        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>The links of row y, each kind W + 1 long: entry x belongs to column x - 1 (down: to column x).</summary>
    private static void Links(in Job job, int y, float* links)
    {
        int width = job.Width, stride = width + 1;
        float* row = job.Image + (nint)y * width;
        Links(job, row, row + 1, width - 1, links + 1);
        if (y + 1 == job.Height)
        {
            new Span<float>(links + stride, 3 * stride).Clear();
            return;
        }
        float* below = row + width;
        Links(job, row, below, width, links + stride);
        Links(job, row, below + 1, width - 1, links + 2 * stride + 1);
        Links(job, row + 1, below, width - 1, links + 3 * stride + 1);
    }

    private static void Links(in Job job, float* a, float* b, int count, float* links)
    {
        nint plane = job.Plane;
        int x = 0;
        for (; x <= count - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> d0 = Vector.Load(a + x) - Vector.Load(b + x);
            Vector<float> d1 = Vector.Load(a + plane + x) - Vector.Load(b + plane + x);
            Vector<float> d2 = Vector.Load(a + 2 * plane + x) - Vector.Load(b + 2 * plane + x);
            Vector<float> q = (d0 * d0 + d1 * d1 + d2 * d2) * job.InverseVariance;
            (Vector<float>.One / (Vector<float>.One + q * q * q)).Store(links + x);
        }
        for (; x < count; x++)
        {
            float d0 = a[x] - b[x], d1 = a[plane + x] - b[plane + x], d2 = a[2 * plane + x] - b[2 * plane + x];
            float q = (d0 * d0 + d1 * d1 + d2 * d2) * job.InverseVariance;
            links[x] = 1 / (1 + q * q * q);
        }
    }

    private static void Gates(in Job job, int y, float* above, float* here)
    {
        int stride = job.Width + 1;
        float* toRight = here, toBelow = here + stride, toBelowRight = here + 2 * stride, toBelowLeft = here + 3 * stride;
        float* fromAbove = above + stride, fromAboveLeft = above + 2 * stride, fromAboveRight = above + 3 * stride;
        var left = new Links3(fromAboveLeft, toRight, toBelowLeft);
        var right = new Links3(fromAboveRight + 1, toRight + 1, toBelowRight + 1);
        var top = new Links3(fromAboveLeft, fromAbove, fromAboveRight + 1);
        var bottom = new Links3(toBelowLeft, toBelow, toBelowRight + 1);
        float* gates = job.Gates + (nint)y * job.Width;
        Normalize(job, left, right, gates);
        Normalize(job, right, left, gates + 3 * job.Plane);
        Normalize(job, top, bottom, gates + 6 * job.Plane);
        Normalize(job, bottom, top, gates + 9 * job.Plane);
    }

    private static void Normalize(in Job job, Links3 links, Links3 opposite, float* gates)
    {
        nint plane = job.Plane;
        int x = 0;
        for (; x <= job.Width - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> a = Vector.Load(links.A + x), b = Vector.Load(links.B + x), c = Vector.Load(links.C + x);
            Vector<float> sum = a + b + c, other = Vector.Load(opposite.A + x) + Vector.Load(opposite.B + x) + Vector.Load(opposite.C + x);
            Vector<float> most = Vector.Max(Vector.Max(sum, other), new Vector<float>(Isolated));
            Vector<float> scale = Vector<float>.One / (sum + job.Leak * most);
            (a * scale).Store(gates + x);
            (b * scale).Store(gates + plane + x);
            (c * scale).Store(gates + 2 * plane + x);
        }
        for (; x < job.Width; x++)
        {
            float sum = links.A[x] + links.B[x] + links.C[x], other = opposite.A[x] + opposite.B[x] + opposite.C[x];
            float scale = 1 / (sum + job.Leak * Math.Max(Math.Max(sum, other), Isolated));
            gates[x] = links.A[x] * scale;
            gates[plane + x] = links.B[x] * scale;
            gates[2 * plane + x] = links.C[x] * scale;
        }
    }

    /// <summary>Rows of a direction's three links, k = -1, 0, +1.</summary>
    private readonly struct Links3(float* a, float* b, float* c)
    {
        public readonly float* A = a, B = b, C = c;
    }

    private readonly struct Job(float* image, float* gates, int width, int height, float inverseVariance, float leak)
    {
        public readonly float* Image = image, Gates = gates;
        public readonly int Width = width, Height = height;
        public readonly float InverseVariance = inverseVariance, Leak = leak;

        public nint Plane => (nint)Width * Height;
    }
}
