using Spn.Imaging;
using Spn.Refinement;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Classes that share each pixel compete before a model refines them.</summary>
public sealed class ClassCompetitionTests
{
    private const int Side = 96;

    [Fact]
    public void Only_classes_that_win_a_pixel_are_refined()
    {
        // Three classes of four pixels: class 0 wins the first two (a tie counts for the lowest), class 2 the third, and none the last.
        using Planes classes = PlanesOf([0.5f, 0.4f, 0.1f, 0], [0.5f, 0.3f, 0.2f, 0], [0, 0.3f, 0.7f, 0]), refined = new(3, 1, 4);
        ClassCompetition.KeepWinners(classes, refined, (coarse, result) =>
        {
            Assert.Equal([0.5f, 0.4f, 0.1f, 0, 0, 0.3f, 0.7f, 0], coarse.All.ToArray());
            (result[0][0], result[1][3]) = (0.3f, 0.9f);
        });
        Assert.Equal((0.3f, 0.9f), (refined[0][0], refined[2][3]));
        Assert.Equal(new float[4], refined[1].ToArray());
    }

    [Fact]
    public void A_class_has_the_pixels_that_it_wins()
    {
        using Planes classes = PlanesOf([0.5f, 0.4f, 0.1f, 0], [0.5f, 0.3f, 0.2f, 0], [0, 0.3f, 0.7f, 0]);
        ClassCompetition competition = new(classes);
        Assert.Equal([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]], Enumerable.Range(0, 3).Select(k => Won(competition, k, classes)));
    }

    [Theory, InlineData(1, 1), InlineData(1, 9), InlineData(9, 1), InlineData(13, 7)]
    public void The_rectangles_of_classes_are_those_of_the_masks_of_what_they_win(int width, int height)
    {
        Random random = new(width);
        for (int trial = 0; trial < 50; trial++)
        {
            using Planes classes = new(4, height, width);
            foreach (ref float value in classes.All)
                value = random.Next(6) < 4 ? 0 : random.NextSingle();
            ClassCompetition competition = new(classes);
            for (int k = 0; k < classes.Count; k++)
                Assert.Equal(Focus.Of(Won(competition, k, classes), width), competition.FocusOf(k));
        }
    }

    private static float[] Won(ClassCompetition competition, int k, Planes classes)
    {
        float[] mask = new float[classes.Pixels];
        competition.CutWon(k, new Focus(0, classes.Height, 0, classes.Width).PartOf(classes), mask);
        return mask;
    }

    [Fact]
    public void Two_thirds_come_from_the_probabilities_and_one_third_from_the_pixels()
    {
        float[] soft = [0.3f, 0];
        ClassCompetition.Mix(soft, [0.9f, 0.6f]);
        Assert.Equal(0.5f, soft[0], 1e-6f);
        Assert.Equal(0.2f, soft[1], 1e-6f);
    }

    [Fact]
    public void Classes_of_zeros_are_not_refined()
    {
        using Planes classes = PlanesOf([0, 0], [0, 0]), refined = PlanesOf([1, 1], [1, 1]);
        ClassCompetition.KeepWinners(classes, refined, (_, _) => Assert.Fail("There is nothing to refine."));
        Assert.Equal([0, 0, 0, 0], refined.All.ToArray());
    }

    [Fact]
    public void A_class_that_wins_nowhere_does_not_grow_into_an_object()
    {
        // A textured square that the network takes for class 1 with 0.45, against 0.55 for the background; class 2 is a real object.
        bool InSquare(int x, int y) => x is >= 10 and < 50 && y is >= 20 and < 70;
        bool InObject(int x, int y) => x >= 64 && y is >= 30 and < 80;
        byte[] image = new byte[3 * Side * Side];
        float[] classes = new float[3 * Side * Side];
        for (int y = 0, i = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++, i++)
            {
                (image[3 * i], image[3 * i + 1], image[3 * i + 2]) = InSquare(x, y) ? ((byte)180, (byte)60, (byte)40) : InObject(x - 3, y) ? ((byte)40, (byte)60, (byte)190) : ((byte)90, (byte)120, (byte)90);
                classes[Side * Side + i] = InSquare(x, y) ? 0.45f : 0.05f;
                classes[2 * Side * Side + i] = InObject(x, y) ? 0.9f : 0.02f;
                classes[i] = Math.Max(0, 1 - classes[Side * Side + i] - classes[2 * Side * Side + i]);
            }
        }
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        ClassProbabilities refined = refiner.Refine(
            ImageInput.FromPixels(image, Side, Side, PixelFormat.Rgb24), ClassProbabilities.FromPixels(classes, 3, Side, Side));
        Assert.DoesNotContain(1, refined.ToLabelMap().Labels.ToArray());
        Assert.All(refined[1].Pixels.ToArray(), value => Assert.InRange(value, 0, 1e-6f));

        int[] labels = refined.ToLabelMap().Labels.ToArray();
        int wrong = Enumerable.Range(0, Side * Side).Count(i => labels[i] == 2 != InObject(i % Side - 3, i / Side));
        Assert.True(wrong < 60, $"{wrong} wrong pixels"); // of 150: 50 rows were wrong by 3 pixels
    }

    [Fact]
    public void Images_of_a_batch_are_refined_as_if_alone()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        torch.Tensor images = Seeded.Rand(1, [2, 3, Side, Side]), classes = Seeded.Rand(2, [2, 3, Side, Side]);
        using (torch.Tensor absent = classes[0, 2])
            absent.mul_(0.01f); // wins nowhere in the first image
        torch.Tensor together = refiner.RefineClasses(images, classes);
        for (long n = 0; n < 2; n++)
            Assert.True(together[n].allclose(refiner.RefineClasses(images[n], classes[n]), atol: 1e-5));
    }

    [Fact]
    public void Methods_without_training_get_all_probabilities()
    {
        FakeGuidance guidance = FakeGuidance.Blur();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(guidance).Build();
        float[] classes = [.. Enumerable.Range(0, 3 * Side * Side).Select(i => i < Side * Side ? 0.4f + i % Side * 0.001f : 0.3f)];
        refiner.Refine(Pictures.ColourPng(Side, Side), ClassProbabilities.FromPixels(classes, 3, Side, Side));
        Assert.Equal([1, 3, Side, Side], guidance.LastMasks);
    }

    private static Planes PlanesOf(params float[][] rows)
    {
        Planes planes = new(rows.Length, 1, rows[0].Length);
        for (int k = 0; k < rows.Length; k++)
            rows[k].CopyTo(planes[k]);
        return planes;
    }
}
