using Spn.Imaging;
using Spn.Refinement;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Whether a refined mask is better, and the fallback to the coarse one.</summary>
public sealed class MaskVerdictTests
{
    private const int Side = 256;

    private static readonly ImageInput s_image = Image();

    private static bool Inside(int x, int y) => (x - 128) * (x - 128) + (y - 120) * (y - 120) < 70 * 70;

    private static float[] Disc(int shift) => [.. Enumerable.Range(0, Side * Side).Select(i => Inside(i % Side - shift, i / Side) ? 1f : 0)];

    private static MaskInput Input(float[] mask) => MaskInput.FromPixels(mask, Side, Side);

    private static ImageInput Image()
    {
        Random random = new(1);
        byte[] pixels = new byte[3 * Side * Side];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)((Inside(i / 3 % Side, i / 3 / Side) ? 190 : 70) + random.Next(-8, 9));
        return ImageInput.FromPixels(pixels, Side, Side, PixelFormat.Rgb24);
    }

    [Theory]
    [InlineData("Fast")]
    [InlineData("Quality")]
    public void A_wrong_mask_is_refined_and_a_right_one_is_kept(string model)
    {
        RefinerBuilder builder = SpnRefiner.Configure().OnCpu().WithModel(model == "Fast" ? SpnModel.Fast : SpnModel.Quality);
        using Refiner plain = builder.Build(), careful = builder.WithFallback().Build();
        MaskInput[] masks = [Input(Disc(0)), Input(Disc(6))];
        IReadOnlyList<Mask> refined = plain.Refine(s_image, masks, out RefineReport report);
        IReadOnlyList<Mask> kept = careful.Refine(s_image, masks, out RefineReport careReport);

        Assert.Equal(2, report.Verdicts.Count);
        Assert.All(report.Verdicts, verdict => Assert.False(verdict.KeptCoarse));
        Assert.Equal(report.Verdicts.Select(verdict => verdict.Better), careReport.Verdicts.Select(verdict => verdict.Better));
        Assert.True(report.Verdicts[1].Better > 0.9, $"{report.Verdicts[1]}");
        Assert.False(careReport.Verdicts[1].KeptCoarse);
        Assert.Equal(refined[1].Pixels.ToArray(), kept[1].Pixels.ToArray());

        Assert.True(report.Verdicts[0].Better < 0.5, $"{report.Verdicts[0]}");
        Assert.True(careReport.Verdicts[0].KeptCoarse);
        Assert.Equal(Disc(0), kept[0].Pixels.ToArray());
        Assert.NotEqual(Disc(0), refined[0].Pixels.ToArray());
        Assert.True(careReport.MeanChange < report.MeanChange);
    }

    [Fact]
    public void The_fallback_needs_no_report()
    {
        using Refiner careful = SpnRefiner.Configure().OnCpu().WithFallback().Build();
        Assert.Equal(Disc(0), careful.Refine(s_image, Input(Disc(0))).Pixels.ToArray());
    }

    [Fact]
    public void A_mask_that_stays_as_it_is_cannot_be_better()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        refiner.Refine(s_image, Input(new float[Side * Side]), out RefineReport report);
        Assert.Equal([new MaskVerdict(0, false)], report.Verdicts);
    }

    [Fact]
    public void Label_maps_and_classes_have_no_verdict_and_no_fallback()
    {
        RefinerBuilder builder = SpnRefiner.Configure().OnCpu();
        using Refiner plain = builder.Build(), careful = builder.WithFallback().Build();
        int[] labels = [.. Disc(0).Select(value => (int)value)];
        LabelMap refined = careful.Refine(s_image, LabelMap.FromPixels(labels, Side, Side), out RefineReport report);
        Assert.Empty(report.Verdicts);
        Assert.Equal(plain.Refine(s_image, LabelMap.FromPixels(labels, Side, Side)).Labels.ToArray(), refined.Labels.ToArray());
        Assert.Empty(default(RefineReport).Verdicts);
    }

    [Fact]
    public void Only_trained_models_have_verdicts()
    {
        RefinerBuilder builder = SpnRefiner.Configure().WithMethod(new EdgeGuidance());
        using (Refiner edges = builder.Build())
        {
            edges.Refine(s_image, Input(Disc(3)), out RefineReport report);
            Assert.Empty(report.Verdicts);
        }
        Assert.Contains("EdgeGuidance", Assert.Throws<InvalidOperationException>(() => builder.WithFallback().Build()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(16, 5)]
    [InlineData(65, 40)]
    public void Changes_are_measured_as_by_a_plain_loop(int width, int height)
    {
        Random random = new(width);
        using Planes image = new(3, height, width), masks = new(2, height, width);
        foreach (ref float value in image.All)
            value = random.NextSingle();
        for (int k = 0; k < 2; k++)
        {
            for (int i = 0; i < masks.Pixels; i++)
                masks[k][i] = Math.Clamp((i % width - width / 3f - 2 * k) / 9 + 0.4f + (random.Next(9) == 0 ? 0.5f : 0), 0, 1);
        }
        MaskChange change = MaskChange.Of(image, masks[0], masks[1], 0.5f);
        (long changed, double size, double contrast) = Naive(image, masks);
        Assert.Equal(changed, change.ChangedPixels);
        Assert.Equal(size, change.Features()[0], 1e-9);
        Assert.Equal(contrast, change.Features()[1], 1e-5);
        if (changed == 0)
            Assert.Equal(0, change.Features()[2]);
    }

    private static (long Changed, double Size, double Contrast) Naive(Planes image, Planes masks)
    {
        (int width, int height) = (image.Width, image.Height);
        long changed = 0;
        long[] inside = [0, 0], length = [0, 0];
        double[] contrast = [0, 0];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                changed += Side(0, x, y) != Side(1, x, y) ? 1 : 0;
                for (int k = 0; k < 2; k++)
                {
                    inside[k] += Side(k, x, y) ? 1 : 0;
                    if (x + 1 < width && Side(k, x, y) != Side(k, x + 1, y))
                        Add(k, (Math.Max(0, x - 1), y), (Math.Min(width - 1, x + 2), y));
                    if (y + 1 < height && Side(k, x, y) != Side(k, x, y + 1))
                        Add(k, (x, Math.Max(0, y - 1)), (x, Math.Min(height - 1, y + 2)));
                }
            }
        }
        return (changed, Math.Log((changed + 1.0) / (Math.Min(inside[0], inside[1]) + 1)), Math.Log((Mean(1) + 0.02) / (Mean(0) + 0.02)));

        bool Side(int k, int x, int y) => masks[k][y * width + x] >= 0.5f;

        double Mean(int k) => length[k] == 0 ? 0 : contrast[k] / length[k];

        void Add(int k, (int X, int Y) a, (int X, int Y) b)
        {
            length[k]++;
            for (int channel = 0; channel < 3; channel++)
                contrast[k] += Math.Abs(image[channel][a.Y * width + a.X] - image[channel][b.Y * width + b.X]) / 3;
        }
    }

    [Fact]
    public void Changed_pixels_in_the_colour_of_their_new_side_count_for_the_change()
    {
        using Planes image = new(3, 64, 64), masks = new(3, 64, 64);
        for (int i = 0; i < image.Pixels; i++)
        {
            bool inside = i % 64 < 32;
            image[0][i] = image[1][i] = image[2][i] = inside ? 0.9f : 0.1f;
            masks[0][i] = i % 64 < 24 ? 1 : 0;
            masks[1][i] = inside ? 1 : 0;
            masks[2][i] = i % 64 < 16 ? 1 : 0;
        }
        Assert.True(MaskChange.Of(image, masks[0], masks[1], 0.5f).Features()[2] > 0);
        Assert.True(MaskChange.Of(image, masks[0], masks[2], 0.5f).Features()[2] < 0);
    }
}
