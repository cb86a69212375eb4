using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Inputs that once failed, as files: <c>cases</c> in the folder of shared data.</summary>
public sealed class SharedCasesTests
{
    private static string Case(string name)
    {
        string path = Path.Combine(Repository.Shared(), "cases", name);
        Assert.SkipUnless(File.Exists(path), $"No file '{path}'.");
        return path;
    }

    private static string Photo(string name) => Path.Combine(Repository.Root(), "samples", "Quickstart", "Photo", name);

    [Fact]
    public void An_empty_mask_stays_empty()
    {
        foreach (SpnModel model in new[] { SpnModel.Fast, SpnModel.Quality })
        {
            using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
            Assert.All(refiner.Refine(Photo("flamingo.jpg"), Case("empty-mask.png")).Pixels.ToArray(), value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void A_full_mask_stays_full()
    {
        MaskInput full = MaskInput.FromPixels([.. Enumerable.Repeat(1f, 61 * 34)], 61, 34);
        foreach (SpnModel model in new[] { SpnModel.Fast, SpnModel.Quality })
        {
            using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
            Assert.All(refiner.Refine(Photo("flamingo.jpg"), full).Pixels.ToArray(), value => Assert.Equal(1, value));
        }
    }

    [Fact]
    public void A_flat_grey_image_does_not_move_the_mask()
    {
        float[] coarse = Mask.Load(Case("flat-grey-mask.png")).Pixels.ToArray();
        foreach (SpnModel model in new[] { SpnModel.Fast, SpnModel.Quality })
        {
            using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
            Assert.Equal(coarse, refiner.Refine(Case("flat-grey.png"), Case("flat-grey-mask.png")).Pixels.ToArray());
        }
    }

    [Fact]
    public void Transparency_in_one_pixel_leaves_the_grey_mask()
        => Assert.Equal(0.0549, Mask.Load(Case("alpha-254-in-one-pixel.png")).Pixels.ToArray().Average(), 0.0001);

    [Fact]
    public void Zeros_and_ones_are_read_as_such()
    {
        float[] eight = Mask.Load(Case("zero-one-8bit.png")).Pixels.ToArray(), sixteen = Mask.Load(Case("zero-one-16bit.png")).Pixels.ToArray();
        Assert.Equal(eight, sixteen);
        Assert.True(eight.Max() == 1 && eight.Average() > 0.01);
        Assert.Throws<InvalidDataException>(() => Mask.Load(Case("labels-grey.png")));
        Assert.Equal([0, 1, 2], LabelMap.Load(Case("labels-grey.png")).Labels.ToArray().Distinct().Order());
    }

    [Fact]
    public void Exif_orientation_of_a_png_is_applied()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        Mask expected = refiner.Refine(Photo("flamingo.jpg"), Photo("flamingo-coarse.png")), turned = refiner.Refine(Case("exif6.png"), Photo("flamingo-coarse.png"));
        float[] a = expected.Threshold().Pixels.ToArray(), b = turned.Threshold().Pixels.ToArray();
        double both = a.Zip(b).Count(pair => pair is (1, 1)), either = a.Zip(b).Count(pair => pair is not (0, 0));
        Assert.True(both / either > 0.99, $"IoU {both / either}");
    }

    [Fact]
    public void Colours_need_a_table()
    {
        Assert.Throws<InvalidDataException>(() => Mask.Load(Case("mask-red.png")));
        Mask red = Mask.Load(MaskInput.From(Case("mask-red.png")).With(new MaskOptions { Colors = [new(0, 0, 0), new(255, 0, 0)] }));
        Assert.InRange(red.Pixels.ToArray().Average(), 0.01, 0.5);
        LabelMap labels = LabelMap.Load(Case("labels-rgb.png"), LabelPalette.Voc);
        Assert.True(labels.Labels.ToArray().Distinct().Count() > 1);
    }

    [Fact]
    public void Specks_can_be_removed()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithSpecksRemoved(64).Build();
        Mask refined = refiner.Refine(Photo("flamingo.jpg"), Case("fragments-mask.png"));
        Assert.Equal(refined.Pixels.ToArray(), refined.RemoveSpecks(64).Pixels.ToArray());
    }

    /// <summary>`Fast` adds some: its model card says how many.</summary>
    [Fact]
    public void Quality_adds_no_fragments_to_a_vague_mask()
    {
        using Refiner refiner = SpnRefiner.Configure().WithModel(SpnModel.Quality).OnCpu().Build();
        Mask refined = refiner.Refine(Photo("flamingo.jpg"), Case("vague-mask.png"));
        int before = Fragments(Mask.Load(Case("vague-mask.png")).Resize(refined.Width, refined.Height)), after = Fragments(refined);
        Assert.True(after <= before, $"{before} fragments became {after}");
    }

    /// <summary>The number of connected components, with 8 neighbours.</summary>
    private static int Fragments(Mask mask)
    {
        HashSet<(int X, int Y)> left = [.. Enumerable.Range(0, mask.Width * mask.Height).Where(i => mask.Pixels[i] >= 0.5f).Select(i => (i % mask.Width, i / mask.Width))];
        int fragments = 0;
        Stack<(int X, int Y)> found = new();
        for (; left.Count > 0; fragments++)
        {
            for (found.Push(left.First()); found.TryPop(out (int X, int Y) at);)
            {
                if (left.Remove(at))
                {
                    for (int i = 0; i < 9; i++)
                        found.Push((at.X + i % 3 - 1, at.Y + i / 3 - 1));
                }
            }
        }
        return fragments;
    }
}
