using System.Numerics;
using System.Runtime.CompilerServices;
using Spn.Imaging;
using Spn.Models;

namespace Spn.Refinement;

/// <summary>
/// Coarse pass for large images. A model corrects errors only up to the size that it saw in training, and errors scale with the image, so
/// a downscaled copy of about the training photos' size is refined first, and its correction is added to the full-size mask before that is
/// refined. (CascadePSP, Cheng et al., CVPR 2020, has a global step before its local ones.) Detail of the mask stays, down to lines that
/// the copy cannot show.
/// </summary>
/// <param name="method">Refines the copy.</param>
/// <param name="pixels">The number of pixels of the copy.</param>
/// <param name="threads">The maximum number of threads for resampling.</param>
/// <param name="focuses">Whether to work only where masks leave something to decide, if the method allows it.</param>
internal sealed class CoarsePass(IRefinementMethod method, long pixels, int threads, bool focuses = true)
{
    /// <summary>If the copy loses more of the mask than this on average, its errors cannot be told from its detail.</summary>
    private const float MaxDetail = 0.1f;

    /// <summary>Smaller changes of a probability do not count as corrections.</summary>
    private const float MinChange = 0.1f;

    /// <summary>Rows per unit of parallel work.</summary>
    private const int Band = 64;

    /// <summary>The minimum side of the copy: a narrower one shows nothing.</summary>
    private const int MinSide = 16;

    /// <summary>Whether an image is large enough for a coarse pass: 1.4 times as wide and high as the copy.</summary>
    private bool Applies(int width, int height)
        => (long)width * height / 2 >= pixels && Math.Min(width, height) * Math.Sqrt((double)pixels / ((long)width * height)) >= MinSide;

    /// <param name="image"><c>[3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="masks"><c>[K, H, W]</c>, in 0..1.</param>
    /// <param name="kind">What the K masks are.</param>
    /// <param name="stages">The stages of the call, for cancellation.</param>
    /// <returns>
    /// <c>[K, H, W]</c>: the masks with their large errors corrected, and what is left to decide; or <see langword="null"/> if the image is
    /// not large.
    /// </returns>
    public (Planes Masks, Undecided Left)? Correct(Planes image, Planes masks, MapKind kind, Stages stages)
    {
        if (!Applies(image.Width, image.Height))
            return null;
        double scale = Math.Sqrt((double)pixels / image.Pixels);
        int height = Math.Max(1, (int)Math.Round(image.Height * scale)), width = Math.Max(1, (int)Math.Round(image.Width * scale));
        using Planes coarse = Reduce(masks, height, width), change = new(masks.Count, height, width);
        using (Planes copy = Reduce(image, height, width))
            new Pipeline(method, method is IMemoryEstimate, focuses).Run(copy, coarse, kind, change, stages.WithoutReporting());
        Undecided left = new(width, height);
        for (int k = 0; k < masks.Count; k++)
        {
            left.Add(coarse[k]);
            left.Add(change[k]); // which is the refined copy so far
        }
        Span<float> changes = change.All, before = coarse.All;
        for (int i = 0; i < changes.Length; i++)
        {
            float difference = changes[i] - before[i];
            changes[i] = difference - Math.Clamp(difference, -MinChange, MinChange);
        }
        Planes corrected = new(masks.Count, masks.Height, masks.Width);
        using Planes doubt = new(1, height, width), certain = new(1, height, width);
        for (int k = 0; k < masks.Count; k++)
        {
            FindDoubt(masks, coarse, k, doubt);
            left.AddDetail(doubt.All);
            Settle(change[k], doubt.All, certain);
            AddEnlarged(masks, k, certain, corrected);
        }
        return (corrected, left);
    }

    /// <summary>Bytes of the corrected masks, which stay while the image is refined; the copy itself takes less than a tile.</summary>
    public long RequiredBytes(int width, int height, int masks)
        => Applies(width, height) ? sizeof(float) * (long)masks * width * height : 0;

    /// <summary>How much of the mask around each pixel of the copy is detail that the copy lost, relative to the maximum; 0..1.</summary>
    private void FindDoubt(Planes masks, Planes coarse, int k, Planes doubt)
    {
        AxisTaps columns = AxisTaps.Whole(coarse.Width, masks.Width), rows = AxisTaps.Whole(coarse.Height, masks.Height);
        ForRows(doubt, masks.Width, AxisTaps.Touched(masks.Width, coarse.Width), AxisTaps.Touched(masks.Height, coarse.Height), () =>
        {
            RowResampler enlarged = new(y => coarse.Row(k, y), coarse.Width, columns, rows);
            float[] line = new float[masks.Width];
            return y =>
            {
                enlarged.Row(y, line);
                AbsoluteDifference(line, masks.Row(k, y));
                return line;
            };
        });
        foreach (ref float value in doubt.All)
            value = Math.Clamp(value / MaxDetail, 0, 1);
    }

    /// <summary>
    /// The change without that of doubtful pixels, which take the largest change of their neighbours instead: the boundary of the mask is
    /// detail too. An error on one side of it reaches up to it; without this a rim would stay.
    /// </summary>
    private static void Settle(ReadOnlySpan<float> change, ReadOnlySpan<float> doubt, Planes certain)
    {
        (int width, int height) = (certain.Width, certain.Height);
        float[] kept = new float[change.Length];
        for (int i = 0; i < kept.Length; i++)
            kept[i] = change[i] * (1 - doubt[i]);
        for (int y = 0; y < height; y++)
        {
            Span<float> target = certain.Row(0, y);
            for (int x = 0; x < width; x++)
            {
                int at = y * width + x;
                float more = 0, less = 0; // the largest changes of the 3 x 3 neighbours in either direction
                if (doubt[at] > 0)
                {
                    for (int v = Math.Max(0, y - 1); v <= Math.Min(height - 1, y + 1); v++)
                    {
                        for (int u = Math.Max(0, x - 1); u <= Math.Min(width - 1, x + 1); u++)
                        {
                            more = Math.Max(more, kept[v * width + u]);
                            less = Math.Max(less, -kept[v * width + u]);
                        }
                    }
                }
                target[x] = kept[at] + doubt[at] * (more - less);
            }
        }
    }

    /// <summary>The mask plus the change of the copy.</summary>
    private void AddEnlarged(Planes masks, int k, Planes change, Planes corrected)
    {
        AxisTaps columns = AxisTaps.Whole(change.Width, masks.Width), rows = AxisTaps.Whole(change.Height, masks.Height);
        ForBands(masks.Height, (begin, end) =>
        {
            RowResampler enlarged = new(y => change.Row(0, y), change.Width, columns, rows);
            for (int y = begin; y < end; y++)
            {
                Span<float> target = corrected.Row(k, y);
                enlarged.Row(y, target);
                AddClamped(target, masks.Row(k, y));
            }
        });
    }

    private Planes Reduce(Planes planes, int height, int width)
    {
        Planes small = new(planes.Count, height, width);
        AxisTaps columns = AxisTaps.Touched(planes.Width, width), rows = AxisTaps.Touched(planes.Height, height);
        for (int i = 0; i < planes.Count; i++)
        {
            int plane = i;
            ForRows(small, planes.Width, columns, rows, () => y => planes.Row(plane, y), plane);
        }
        return small;
    }

    /// <summary>Computes the rows of a plane in parallel, with a source of its own for each thread.</summary>
    private void ForRows(Planes target, int sourceWidth, AxisTaps columns, AxisTaps rows, Func<LineSource> source, int plane = 0)
        => ForBands(target.Height, (begin, end) =>
        {
            RowResampler resampler = new(source(), sourceWidth, columns, rows);
            for (int y = begin; y < end; y++)
                resampler.Row(y, target.Row(plane, y));
        });

    private void ForBands(int rows, Action<int, int> run) => Parallel.For(
        0, (rows + Band - 1) / Band, new ParallelOptions { MaxDegreeOfParallelism = threads },
        band => run(band * Band, Math.Min(rows, (band + 1) * Band)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AbsoluteDifference(Span<float> values, ReadOnlySpan<float> other)
    {
        int x = 0;
        for (; x <= values.Length - Vector<float>.Count; x += Vector<float>.Count)
            Vector.Abs(new Vector<float>(values[x..]) - new Vector<float>(other[x..])).CopyTo(values[x..]);
        for (; x < values.Length; x++)
            values[x] = Math.Abs(values[x] - other[x]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddClamped(Span<float> values, ReadOnlySpan<float> other)
    {
        int x = 0;
        for (; x <= values.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = new Vector<float>(values[x..]) + new Vector<float>(other[x..]);
            Vector.Min(Vector<float>.One, Vector.Max(Vector<float>.Zero, sum)).CopyTo(values[x..]);
        }
        for (; x < values.Length; x++)
            values[x] = Math.Clamp(values[x] + other[x], 0, 1);
    }
}
