using System.Drawing;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>What users do with a mask next: specks, polygons, bounding boxes.</summary>
public sealed class MaskShapesTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    /// <summary>Blobs, specks and holes, soft with a few levels, or hard.</summary>
    private static Mask RandomMask(int seed, int width = 23, int height = 17, int levels = 5)
    {
        Random random = new(seed);
        float[] pixels = new float[width * height];
        for (int i = 0; i < pixels.Length; i++)
        {
            int left = i % width > 0 ? i - 1 : i, above = i >= width ? i - width : i;
            float copied = random.Next(2) == 0 ? pixels[left] : pixels[above];
            pixels[i] = i > 0 && random.Next(3) > 0 ? copied : random.Next(levels) / (levels - 1f);
        }
        return new Mask(width, height, pixels);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_speck_and_no_hole_remains_at_any_threshold(int seed)
    {
        Mask mask = RandomMask(seed);
        foreach (int minArea in new[] { 2, 5, 20 })
        {
            Mask clean = mask.RemoveSpecks(minArea);
            foreach (float threshold in new[] { 0.1f, 0.3f, 0.6f, 0.9f, 1f })
            {
                Assert.All(Areas(clean, value => value >= threshold, byCorners: true), area => Assert.True(area >= minArea));
                Assert.All(Areas(clean, value => value < threshold, byCorners: false), area => Assert.True(area >= minArea));
            }
            Assert.Equal(clean.Pixels.ToArray(), clean.RemoveSpecks(minArea).Pixels.ToArray());
        }
        Assert.Equal(mask.Pixels.ToArray(), mask.RemoveSpecks(1).Pixels.ToArray());
    }

    [Fact]
    public void Large_parts_and_soft_values_stay_exactly()
    {
        float[] pixels = new float[20 * 20];
        Random random = new(3);
        for (int y = 5; y < 15; y++)
        {
            for (int x = 5; x < 15; x++)
                pixels[y * 20 + x] = 0.3f + 0.0123f * (x - 5); // a ramp, without islands or holes
        }
        Mask mask = new(20, 20, pixels);
        Assert.Equal(pixels, mask.RemoveSpecks(10).Pixels.ToArray());
        float[] speckled = [.. pixels];
        (speckled[0], speckled[1], speckled[10 * 20 + 10]) = (1, 0.5f, 0);
        Mask clean = new Mask(20, 20, speckled).RemoveSpecks(10);
        Assert.Equal(0, clean[0, 0]);
        Assert.Equal(0, clean[1, 0]);
        Assert.InRange(clean[10, 10], 0.3f, 0.37f); // filled to the level of its surroundings
        Assert.Throws<ArgumentOutOfRangeException>("minArea", () => mask.RemoveSpecks(0));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Polygons_give_the_mask_back(int seed)
    {
        Mask mask = RandomMask(seed, levels: seed % 2 == 0 ? 2 : 5);
        IReadOnlyList<MaskPolygon> polygons = mask.ToPolygons();
        Assert.Equal(mask.Threshold().Pixels.ToArray(), Mask.FromPolygons(polygons, mask.Width, mask.Height).Pixels.ToArray());
        Assert.Equal(Areas(mask, value => value >= 0.5f, byCorners: false).Count, polygons.Count);
    }

    [Fact]
    public void A_ring_has_an_outline_and_a_hole()
    {
        float[] pixels = [.. Enumerable.Range(0, 49).Select(i => i / 7 is >= 1 and <= 5 && i % 7 is >= 1 and <= 5 && i != 24 ? 1f : 0)];
        MaskPolygon ring = Assert.Single(new Mask(7, 7, pixels).ToPolygons());
        Assert.Equal([new(1, 1), new(6, 1), new(6, 6), new(1, 6)], ring.Outline.OrderBy(Angle));
        Assert.Equal([new(3, 3), new(4, 3), new(4, 4), new(3, 4)], Assert.Single(ring.Holes).OrderBy(Angle));

        static double Angle(PointF corner) => Math.Atan2(corner.Y - 3.5, corner.X - 3.5);
    }

    [Fact]
    public void Simplified_outlines_stay_within_the_tolerance()
    {
        const int side = 200;
        float[] pixels = [.. Enumerable.Range(0, side * side).Select(i => Math.Pow(i % side - 99.5, 2) + Math.Pow(i / side - 99.5, 2) < 80 * 80 ? 1f : 0)];
        Mask disc = new(side, side, pixels);
        IReadOnlyList<PointF> exact = disc.ToPolygons()[0].Outline, simple = disc.ToPolygons(tolerance: 1.5f)[0].Outline;
        Assert.True(simple.Count < exact.Count / 8, $"{simple.Count} of {exact.Count}");
        Mask drawn = Mask.FromPolygons(disc.ToPolygons(tolerance: 1.5f), side, side);
        double differing = drawn.Pixels.ToArray().Zip(pixels).Count(pair => pair.First != pair.Second);
        Assert.True(differing < 2 * Math.PI * 80 * 1.5, $"{differing} pixels differ");
    }

    [Fact]
    public void Polygons_are_cut_off_at_the_borders_and_follow_the_even_odd_rule()
    {
        Mask all = Mask.FromPolygons([new MaskPolygon([new(-1e6f, -1e6f), new(1e6f, -1e6f), new(1e6f, 1e6f), new(-1e6f, 1e6f)])], 5, 4);
        Assert.All(all.Pixels.ToArray(), value => Assert.Equal(1, value));
        Mask half = Mask.FromPolygons([new MaskPolygon([new(0, 0), new(2.5f, 0), new(2.5f, 4), new(0, 4)])], 5, 4);
        Assert.Equal([1, 1, 0, 0, 0], half.Pixels[..5].ToArray());
        Assert.All(Mask.FromPolygons([], 5, 4).Pixels.ToArray(), value => Assert.Equal(0, value));
        Assert.Throws<ArgumentException>("outline", () => new MaskPolygon([new(0, 0), new(1, 1)]));
        Assert.Throws<ArgumentException>("outline", () => new MaskPolygon([new(0, 0), new(1, 1), new(float.NaN, 1)]));
        Assert.Throws<ArgumentException>("holes", () => new MaskPolygon([new(0, 0), new(1, 1), new(0, 1)], [[new(0, 0)]]));
        Assert.Throws<ArgumentOutOfRangeException>("width", () => Mask.FromPolygons([], 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>("tolerance", () => all.ToPolygons(tolerance: float.NaN));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_bounding_box_is_tight(int seed)
    {
        Random random = new(seed);
        (int x, int y, int width, int height) = (random.Next(10), random.Next(8), random.Next(1, 10), random.Next(1, 8));
        Mask mask = Mask.FromPolygons([new MaskPolygon([new(x, y), new(x + width, y), new(x + width, y + height), new(x, y + height)])], 30, 20);
        Assert.Equal(new Rectangle(x, y, width, height), mask.BoundingBox());
    }

    [Fact]
    public void Small_operations()
    {
        Mask mask = new(2, 1, [0.25f, 1]);
        Assert.Equal([0.75f, 0], mask.Invert().Pixels.ToArray());
        Assert.Equal(mask.Pixels.ToArray(), mask.Invert().Invert().Pixels.ToArray());
        Assert.Equal(Rectangle.Empty, new Mask(2, 1, [0, 0.4f]).BoundingBox());
        Assert.Equal(new Rectangle(1, 0, 1, 1), new Mask(2, 1, [0, 0.4f]).BoundingBox(0.3f));
        Assert.Equal((3, 2), (mask.Resize(3, 2).Width, mask.Resize(3, 2).Height));
        Assert.Throws<ArgumentOutOfRangeException>("height", () => mask.Resize(3, 0));
        Assert.Empty(new Mask(2, 1, [0, 0]).ToPolygons());
    }

    /// <summary>The areas of the connected parts, by flood filling.</summary>
    private static List<int> Areas(Mask mask, Func<float, bool> isInside, bool byCorners)
    {
        bool[] seen = new bool[mask.Width * mask.Height];
        List<int> areas = [];
        for (int start = 0; start < seen.Length; start++)
        {
            int area = 0;
            Queue<int> open = new([start]);
            while (open.TryDequeue(out int pixel))
            {
                (int y, int x) = int.DivRem(pixel, mask.Width);
                if (seen[pixel] || !isInside(mask[x, y]))
                    continue;
                seen[pixel] = true;
                area++;
                for (int dy = -1; dy <= 1; dy++)
                {
                    for (int dx = -1; dx <= 1; dx++)
                    {
                        bool exists = x + dx >= 0 && x + dx < mask.Width && y + dy >= 0 && y + dy < mask.Height;
                        if (exists && (byCorners || dx == 0 || dy == 0))
                            open.Enqueue((y + dy) * mask.Width + x + dx);
                    }
                }
            }
            if (area > 0)
                areas.Add(area);
        }
        return areas;
    }
}
