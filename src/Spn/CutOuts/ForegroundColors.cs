using Spn.Imaging;
using Spn.Simd;

namespace Spn.CutOuts;

/// <summary>
/// Estimates the colours F of a foreground whose alpha is known, so that I = αF + (1-α)B with a smooth foreground F and background B: fast
/// multi-level foreground estimation (Germer, Uelwer, Conrad and Harmeling 2020, arXiv 2006.14970).
/// </summary>
/// <remarks>
/// Levels have half the size of the next finer one. Each begins with the result of the coarser one, enlarged, and iterates: see
/// <see cref="ForegroundLevel"/>. The coarsest one begins with the mean colours of foreground and background. Besides the result, two
/// levels are in memory, the larger of half the image's size: the full size goes into the result tile by tile.
/// </remarks>
internal static unsafe class ForegroundColors
{
    /// <summary>Levels up to this width and height take <see cref="SmallIterations"/>: there, colours spread over the whole image.</summary>
    public const int SmallSide = 32;

    public const int SmallIterations = 10;

    public const int Iterations = 4;

    /// <summary>Levels below this size are searched for the mean colours.</summary>
    private const int MeanSide = 256;

    /// <summary>Cuts the foreground out.</summary>
    /// <param name="image"><c>[3, H, W]</c> in 0..1.</param>
    /// <param name="alpha"><c>[H, W]</c> in 0..1.</param>
    /// <param name="threads">The maximum number of threads. The result does not depend on it.</param>
    /// <param name="level">The vector width.</param>
    /// <param name="cancellation">Stops between levels.</param>
    /// <returns>
    /// <c>[H, W, 4]</c>: red, green, blue and alpha. Opaque pixels keep the image's colour, and transparent ones are zero.
    /// </returns>
    public static byte[] CutOut(
        Planes image, ReadOnlySpan<float> alpha, int threads, SimdLevel level, CancellationToken cancellation = default)
    {
        byte[] result = new byte[4 * image.Pixels];
        Planes? coarser = null;
        try
        {
            fixed (byte* target = result)
            fixed (float* colours = image.All, opacity = alpha)
            {
                Matte matte = new(colours, opacity, image.Width, image.Height);
                int shift = Levels(image.Width, image.Height) - 1;
                coarser = Means(matte, shift + 1);
                for (; shift > 0; shift--)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Planes finer = new(6, matte.HeightAt(shift), matte.WidthAt(shift));
                    fixed (float* from = coarser.All, to = finer.All)
                        ForegroundLevel.Run(new(matte, shift, from, to), threads, level);
                    coarser.Dispose();
                    coarser = finer;
                }
                cancellation.ThrowIfCancellationRequested();
                fixed (float* from = coarser.All)
                    ForegroundLevel.Run(new(matte, shift: 0, from, target), threads, level);
            }
            return result;
        }
        finally
        {
            coarser?.Dispose();
        }
    }

    /// <summary>How often the longer side is halved until one pixel is left.</summary>
    private static int Levels(int width, int height) => int.Log2(Math.Max(width, height) - 1 | 1) + 1;

    /// <summary>The level of one pixel: the mean colours of the foreground and of the background, <c>[6, 1, 1]</c>.</summary>
    private static Planes Means(Matte matte, int top)
    {
        int shift = 0;
        while (Math.Max(matte.WidthAt(shift), matte.HeightAt(shift)) > MeanSide)
            shift++;
        Span<double> sums = stackalloc double[6];
        double inside = 0, outside = 0;
        for (int y = 0; y < matte.HeightAt(shift); y++)
        {
            for (int x = 0; x < matte.WidthAt(shift); x++)
            {
                int column = matte.Column(x, shift);
                double alpha = matte.Row(matte.Alpha, y, shift)[column];
                (inside, outside) = (inside + alpha, outside + 1 - alpha);
                for (int channel = 0; channel < 3; channel++)
                {
                    double colour = matte.Row(matte.Image + channel * matte.Pixels, y, shift)[column];
                    sums[channel] += alpha * colour;
                    sums[3 + channel] += (1 - alpha) * colour;
                }
            }
        }
        Planes means = new(6, matte.HeightAt(top), matte.WidthAt(top));
        for (int channel = 0; channel < 3; channel++)
        {
            double mean = (sums[channel] + sums[3 + channel]) / (inside + outside);
            means[channel][0] = (float)(inside > 0 ? sums[channel] / inside : mean);
            means[3 + channel][0] = (float)(outside > 0 ? sums[3 + channel] / outside : mean);
        }
        return means;
    }
}
