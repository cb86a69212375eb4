using System.Reflection;
using System.Runtime.CompilerServices;
using SkiaSharp;
using Spn.Segmentation.Tests.References;
using Xunit;

namespace Spn.Segmentation.Tests;

public sealed class DenseCrfTests
{
    private const int Size = 96;

    private static readonly SKBitmap s_picture = Pictures.Bitmap(Size, Size, ColourOf);
    private static readonly ClassProbabilities s_noisy = ClassProbabilities.FromPixels(Scenes.Noisy(Size, 3), 3, Size, Size);

    [Fact]
    public void Noise_is_removed()
    {
        LabelMap before = s_noisy.ToLabelMap(), after = new DenseCrf().Refine(s_picture, s_noisy).ToLabelMap();
        Assert.InRange(WrongPixels(before), Size * Size / 5, Size * Size / 2);
        Assert.InRange(WrongPixels(after), 0, Size * Size / 100);
    }

    [Fact]
    public void A_boundary_moves_to_the_edge_of_the_image()
    {
        using SKBitmap image = Pictures.Bitmap(64, 48, (x, _) => x < 30 ? SKColors.DarkGreen : SKColors.SkyBlue);
        float[] coarse = [.. Enumerable.Range(0, 64 * 48).Select(i => i % 64 < 27 ? 0.8f : 0.2f)];
        Mask refined = new DenseCrf().Refine(image, Mask.Load(MaskInput.FromPixels(coarse.AsSpan(), 64, 48)));
        Assert.All(Enumerable.Range(0, 64 * 48), i => Assert.Equal(i % 64 < 30, refined.Pixels[i] > 0.5f));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(21)]
    [InlineData(50)]
    public void Probabilities_sum_to_1(int classes)
    {
        ClassProbabilities refined = new DenseCrf().Refine(s_picture, ClassProbabilities.FromPixels(Scenes.Noisy(Size, classes), classes, Size, Size));
        float[] sums = new float[Size * Size];
        for (int i = 0; i < refined.Pixels.Length; i++)
        {
            Assert.InRange(refined.Pixels[i], 0, 1);
            sums[i % sums.Length] += refined.Pixels[i];
        }
        Assert.All(sums, sum => Assert.Equal(1, sum, 1e-5));
    }

    [Fact]
    public void Undecided_pixels_stay_undecided()
    {
        float[] even = new float[5 * Size * Size];
        Array.Fill(even, 0.2f);
        ClassProbabilities refined = new DenseCrf().Refine(s_picture, ClassProbabilities.FromPixels(even, 5, Size, Size));
        Assert.All(refined.Pixels.ToArray(), value => Assert.Equal(0.2f, value, 1e-5));
    }

    [Fact]
    public void Classes_are_treated_alike()
    {
        int[] order = [4, 0, 3, 1, 2];
        float[] noisy = Scenes.Noisy(Size, 5), permuted = [.. order.SelectMany(k => noisy.Skip(k * Size * Size).Take(Size * Size))];
        var crf = new DenseCrf();
        ClassProbabilities expected = crf.Refine(s_picture, ClassProbabilities.FromPixels(noisy, 5, Size, Size));
        ClassProbabilities refined = crf.Refine(s_picture, ClassProbabilities.FromPixels(permuted, 5, Size, Size));
        for (int k = 0; k < 5; k++)
            Assert.Equal(expected[order[k]].Pixels.ToArray(), refined[k].Pixels.ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(16)]
    public void The_number_of_threads_changes_no_bit(int threads)
    {
        float[] one = Refine(1), several = Refine(threads);
        Assert.Equal(one, several);

        static float[] Refine(int threads)
            => new DenseCrf(DenseCrfOptions.KrahenbuhlKoltun with { Threads = threads }).Refine(s_picture, s_noisy).Pixels.ToArray();
    }

    [Fact]
    public void One_instance_serves_several_threads()
    {
        var crf = new DenseCrf();
        float[] expected = crf.Refine(s_picture, s_noisy).Pixels.ToArray();
        var results = new float[4][];
        Parallel.For(0, results.Length, i => results[i] = crf.Refine(s_picture, s_noisy).Pixels.ToArray());
        Assert.All(results, result => Assert.Equal(expected, result));
    }

    [Fact]
    public void A_mask_is_refined_as_two_classes()
    {
        Mask mask = s_noisy[1];
        float[] both = [.. mask.Invert().Pixels, .. mask.Pixels];
        var crf = new DenseCrf();
        Assert.Equal(
            crf.Refine(s_picture, ClassProbabilities.FromPixels(both, 2, Size, Size))[1].Pixels.ToArray(),
            crf.Refine(s_picture, mask).Pixels.ToArray());
    }

    [Fact]
    public void Smaller_probabilities_are_resized_to_the_image()
    {
        float[] small = Scenes.Noisy(Size / 4, 3);
        var coarse = ClassProbabilities.FromPixels(small, 3, Size / 4, Size / 4);
        float[] full = [.. Enumerable.Range(0, 3).SelectMany(k => coarse[k].Resize(Size, Size).Pixels.ToArray())];
        var crf = new DenseCrf();
        Assert.Equal(
            crf.Refine(s_picture, ClassProbabilities.FromPixels(full, 3, Size, Size)).Pixels.ToArray(),
            crf.Refine(s_picture, coarse).Pixels.ToArray());
        Assert.Equal(Size, crf.Refine(s_picture, coarse[0]).Width);
    }

    [Fact]
    public void Impossible_classes_come_back_if_the_image_says_so()
    {
        float[] certain = [.. Enumerable.Range(0, 2 * Size * Size).Select(i => i < Size * Size ? 1f : 0f)];
        ClassProbabilities refined = new DenseCrf().Refine(s_picture, ClassProbabilities.FromPixels(certain, 2, Size, Size));
        Assert.All(refined.Pixels.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.True(refined[0].Pixels.ToArray().Min() > 0.99f);

        float[] nothing = new float[2 * Size * Size]; // no class is possible: all are equal
        refined = new DenseCrf().Refine(s_picture, ClassProbabilities.FromPixels(nothing, 2, Size, Size));
        Assert.All(refined.Pixels.ToArray(), value => Assert.Equal(0.5f, value, 1e-5));
    }

    [Fact]
    public void The_smallest_image_is_refined()
    {
        using SKBitmap pixel = Pictures.Bitmap(1, 1, (_, _) => SKColors.Red);
        ClassProbabilities refined = new DenseCrf().Refine(pixel, ClassProbabilities.FromPixels([0.2f, 0.8f], 2, 1, 1));
        Assert.True(refined.Pixels[1] > 0.8f);
    }

    [Fact]
    public void Wrong_input_is_refused()
    {
        var crf = new DenseCrf();
        Assert.Throws<ArgumentNullException>("options", () => new DenseCrf(null!));
        Assert.Throws<ArgumentNullException>("image", () => crf.Refine(null!, s_noisy));
        Assert.Throws<ArgumentNullException>("coarseClasses", () => crf.Refine(s_picture, (ClassProbabilities)null!));
        Assert.Throws<ArgumentNullException>("coarseMask", () => crf.Refine(s_picture, (Mask)null!));
        Assert.Throws<ArgumentNullException>("kernels", () => crf.Refine(s_noisy, null!));
        Assert.Throws<ArgumentNullException>("kernels", () => crf.Refine(s_noisy, [null!]));
        Assert.Throws<ArgumentException>("kernels", () => crf.Refine(s_noisy, [PairwiseKernel.Position(Size, Size - 1, 1, 1)]));
        Assert.Throws<FileNotFoundException>(() => crf.Refine("no such file.png", s_noisy));

        Assert.Throws<ArgumentException>("coarseClasses", () => crf.Refine(s_picture, Constant(0.5f, 1, Size, Size)));
        Assert.Throws<ArgumentException>("coarseClasses", () => crf.Refine(s_picture, Constant(0.5f, 2, Size, Size / 2)));
        Assert.Throws<ArgumentException>("coarseMask", () => crf.Refine(s_picture, Constant(0.5f, 2, Size, Size / 2)[0]));
        foreach (float wrong in new[] { float.NaN, -0.1f, 1.1f, float.PositiveInfinity })
            Assert.Throws<ArgumentException>("coarseClasses", () => crf.Refine(s_picture, Constant(wrong, 2, Size, Size)));
    }

    [Fact]
    public void A_cancelled_call_stops()
        => Assert.ThrowsAny<OperationCanceledException>(
            () => new DenseCrf(new DenseCrfOptions { Iterations = 1000 }).Refine(s_picture, s_noisy, new CancellationToken(canceled: true)));

    [Fact]
    public void Only_the_public_api_of_the_library_is_used()
        => Assert.DoesNotContain(
            typeof(ImageInput).Assembly.GetCustomAttributes<InternalsVisibleToAttribute>(),
            friend => friend.AssemblyName == typeof(DenseCrf).Assembly.GetName().Name);

    private static ClassProbabilities Constant(float value, int classes, int width, int height)
        => ClassProbabilities.FromPixels([.. Enumerable.Repeat(value, classes * width * height)], classes, width, height);

    private static int WrongPixels(LabelMap labels) => Enumerable.Range(0, Size * Size).Count(i => labels.Labels[i] != Scenes.Region(i, Size));

    private static SKColor ColourOf(int x, int y)
        => Scenes.Region(y * Size + x, Size) switch { 0 => SKColors.Brown, 1 => SKColors.DarkGreen, _ => SKColors.SkyBlue };
}
