using Spn.Refinement;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>Where an image has no edge, no model moves a mask.</summary>
public sealed class FlatRegionsTests
{
    private const int Side = 256;

    public static TheoryData<string> Models => ["Fast", "Quality"];

    private static Refiner RefinerOf(string model)
        => SpnRefiner.Configure().OnCpu().WithModel(model == "Fast" ? SpnModel.Fast : SpnModel.Quality).Build();

    private static float[] Disc() => [.. Enumerable.Range(0, Side * Side).Select(i => Inside(i % Side, i / Side) ? 1f : 0)];

    private static bool Inside(int x, int y) => (x - 128) * (x - 128) + (y - 120) * (y - 120) < 70 * 70;

    private static ImageInput Image(Func<int, int, int> grey)
    {
        byte[] pixels = new byte[3 * Side * Side];
        for (int i = 0; i < Side * Side; i++)
            pixels.AsSpan(3 * i, 3).Fill((byte)grey(i % Side, i / Side));
        return ImageInput.FromPixels(pixels, Side, Side, PixelFormat.Rgb24);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_flat_image_leaves_the_mask_as_it_is(string model)
    {
        using Refiner refiner = RefinerOf(model);
        float[] disc = Disc(), halfPlane = [.. Enumerable.Range(0, Side * Side).Select(i => i % Side < 180 ? 1f : 0)];
        float[] soft = [.. Enumerable.Range(0, Side * Side).Select(i => Math.Clamp((i % Side - 60) / 128f, 0, 1))];
        foreach (int grey in new[] { 0, 64, 128, 160, 255 })
        {
            IReadOnlyList<Mask> refined = refiner.Refine(
                Image((_, _) => grey), [.. new[] { disc, halfPlane, soft }.Select(mask => MaskInput.FromPixels(mask, Side, Side))]);
            Assert.Equal(disc, refined[0].Pixels.ToArray());
            Assert.Equal(halfPlane, refined[1].Pixels.ToArray());
            Assert.Equal(soft, refined[2].Pixels.ToArray());
        }
    }

    [Fact]
    public void Noise_of_a_few_grey_levels_is_no_edge()
    {
        using Refiner refiner = RefinerOf("Fast");
        Random random = new(5);
        Assert.Equal(Disc(), refiner.Refine(Image((_, _) => 100 + random.Next(-2, 3)), MaskInput.FromPixels(Disc(), Side, Side)).Pixels.ToArray());
    }

    [Fact]
    public void A_faint_edge_still_moves_the_mask()
    {
        using Refiner refiner = RefinerOf("Fast");
        float[] shifted = [.. Enumerable.Range(0, Side * Side).Select(i => Inside(i % Side - 5, i / Side) ? 1f : 0)];
        float[] refined = refiner.Refine(Image((x, y) => Inside(x, y) ? 130 : 110), MaskInput.FromPixels(shifted, Side, Side)).Pixels.ToArray();
        Assert.True(Wrong(refined) < Wrong(shifted) / 2, $"{Wrong(shifted)} to {Wrong(refined)} wrong pixels");

        int Wrong(float[] mask) => mask.Zip(Disc()).Count(pair => pair.First >= 0.5f != pair.Second >= 0.5f);
    }

    [Theory]
    [InlineData(97, 131)]
    [InlineData(640, 400)]
    [InlineData(1000, 1400)]
    public void The_flat_cells_are_those_of_the_naive_search(int width, int height)
    {
        Random random = new(width);
        float[] image = new float[3 * width * height];
        Array.Fill(image, 0.5f);
        for (int spot = 0; spot < 2; spot++)
        {
            int at = random.Next(3) * width * height + random.Next(height - 8) * width + random.Next(width - 8);
            for (int y = 0; y < 8; y++)
                image.AsSpan(at + y * width, 8).Fill(0.75f);
        }
        bool[] flat = FlatRegions.Find(image, width, height) ?? [];
        int cell = FlatRegions.Cell(width, height), columns = (width + cell - 1) / cell, rows = (height + cell - 1) / cell, kept = 0;
        Assert.Equal(columns * rows, flat.Length);
        float[][] means = [.. Enumerable.Range(0, 3).Select(Means)];
        for (int y = 0; y < rows; y++)
        {
            for (int x = 0; x < columns; x++)
            {
                bool expected = means.All(channel =>
                {
                    float[] near = [.. channel.Where((_, i) => Math.Abs(i % columns - x) <= 8 && Math.Abs(i / columns - y) <= 8)];
                    return near.Max() - near.Min() <= 3.01f / 255;
                });
                Assert.Equal(expected, flat[y * columns + x]);
                kept += expected ? 1 : 0;
            }
        }
        Assert.InRange(kept, 0, columns * rows - 1);

        float[] Means(int channel) => [.. Enumerable.Range(0, columns * rows).Select(i =>
        {
            List<float> values = [];
            for (int y = i / columns * cell; y < Math.Min(height, (i / columns + 1) * cell); y++)
                for (int x = i % columns * cell; x < Math.Min(width, (i % columns + 1) * cell); x++)
                    values.Add(image[(channel * height + y) * width + x]);
            return values.Average();
        })];
    }

    [Fact]
    public void Restoring_touches_flat_cells_only()
    {
        (int width, int height) = (21, 17);
        float[] coarse = new float[width * height], refined = [.. Enumerable.Repeat(1f, width * height)];
        bool[] flat = [false, true, true, false, true, false, true, false, false]; // 3 x 3 cells of 8 pixels
        FlatRegions.Restore(flat, coarse, refined, width, height);
        for (int i = 0; i < refined.Length; i++)
            Assert.Equal(flat[i / width / 8 * 3 + i % width / 8] ? 0 : 1, refined[i]);
    }
}
