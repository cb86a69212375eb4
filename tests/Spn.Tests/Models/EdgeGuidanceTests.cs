using Spn.Inference;
using Spn.Models;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Models;

public sealed class EdgeGuidanceTests
{
    private static readonly EdgeGuidance s_edges = new();

    [Fact]
    public void The_complement_of_a_mask_gives_the_complement()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photo = Random(1, 3, 37, 53), mask = Random(1, 1, 37, 53), one = torch.ones(1);
        AssertClose(Values(one.sub(s_edges.Refine(photo, mask))), Values(s_edges.Refine(photo, one.sub(mask))), 1e-6f);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 33)]
    [InlineData(33, 1)]
    [InlineData(2, 2)]
    [InlineData(17, 16)]
    [InlineData(40, 67)]
    public void Gates_equal_their_definition_and_sum_below_one(int height, int width)
    {
        using var scope = torch.NewDisposeScope();
        float[] image = Values(Random(1, 3, height, width));
        float[] gates = new float[12 * height * width];
        unsafe
        {
            fixed (float* from = image, to = gates)
                EdgeGates.Compute(from, to, width, height, 0.3f, 7, threads: 2);
        }
        float[] expected = NaiveGates(image, width, height, 0.3, 7);
        AssertClose(expected, gates, 1e-5f);
        int plane = height * width;
        for (int direction = 0; direction < 4; direction++)
            for (int i = 0; i < plane; i++)
            {
                float sum = gates[(3 * direction) * plane + i] + gates[(3 * direction + 1) * plane + i] + gates[(3 * direction + 2) * plane + i];
                Assert.InRange(sum, 0, 1 - 1 / 7f + 1e-6f);
            }
    }

    [Fact]
    public void The_largest_reach_still_leaves_a_share_to_the_mask()
    {
        using var scope = torch.NewDisposeScope();
        float[] image = [.. Enumerable.Repeat(0.5f, 3 * 200 * 300)], gates = new float[12 * 200 * 300];
        unsafe
        {
            fixed (float* from = image, to = gates)
                EdgeGates.Compute(from, to, 300, 200, 0.028f, 1000, threads: 2);
        }
        torch.Tensor maps = torch.tensor(gates).view(1, 4, 3, 200, 300);
        Assert.True(maps.min().item<float>() >= 0);
        Assert.True(maps.sum(2).max().item<float>() < 1);
    }

    [Fact]
    public void A_constant_mask_stays_constant()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photo = Random(1, 3, 30, 45);
        foreach (float value in new[] { 0f, 1f, 0.3f })
            Assert.All(Values(s_edges.Refine(photo, torch.full([1, 1, 30, 45], value))), refined => Assert.Equal(value, refined, 1e-6f));
    }

    [Theory]
    [InlineData(0.8f, 0.2f)]
    [InlineData(0.55f, 0.45f)] // a faint edge: the threshold follows the photo's contrast
    public void A_shifted_soft_edge_snaps_to_the_photos_edge(float left, float right)
    {
        using var scope = torch.NewDisposeScope();
        const int Size = 256, Edge = 100;
        torch.Tensor photo = Columns(Size, x => x < Edge ? left : right).expand(1, 3, Size, Size).contiguous();
        torch.Tensor coarse = Columns(Size, x => Math.Clamp(0.5f - (x - (Edge + 3)) / 16f, 0, 1));
        float[] row = Values(s_edges.Refine(photo, coarse))[..Size];
        for (int x = 0; x < Size; x++)
            Assert.True(x < Edge ? row[x] > 0.5f : row[x] < 0.5f, $"column {x}: {row[x]}");
        Assert.True(row[Edge - 1] - row[Edge] > 0.4f, $"the step at the edge is only {row[Edge - 1] - row[Edge]}");
    }

    [Fact]
    public void A_bump_on_a_hard_mask_goes_and_an_exact_mask_stays()
    {
        using var scope = torch.NewDisposeScope();
        const int Size = 256, Edge = 100;
        torch.Tensor photo = Columns(Size, x => x < Edge ? 0.7f : 0.3f).expand(1, 3, Size, Size).contiguous();
        torch.Tensor exact = Columns(Size, x => x < Edge ? 1 : 0), bumpy = exact.clone();
        using Scalar one = 1f.ToScalar();
        bumpy.narrow(2, 40, 8).narrow(3, Edge, 3).fill_(one);
        float[] truth = Values(exact), kept = Values(s_edges.Refine(photo, exact)), mended = Values(s_edges.Refine(photo, bumpy));
        Assert.NotEqual(truth, Values(bumpy));
        for (int i = 0; i < truth.Length; i++)
        {
            Assert.Equal(truth[i] > 0.5f, kept[i] > 0.5f);
            Assert.Equal(truth[i] > 0.5f, mended[i] > 0.5f);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(40, 1)]
    [InlineData(3, 5)]
    public void Thin_photos_work(int height, int width)
    {
        using var scope = torch.NewDisposeScope();
        float[] refined = Values(s_edges.Refine(Random(2, 3, height, width), Random(2, 1, height, width)));
        Assert.All(refined, value => Assert.InRange(value, 0, 1));
    }

    [Fact]
    public void A_one_pixel_mask_is_returned()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(0.3f, s_edges.Refine(Random(1, 3, 1, 1), torch.full([1, 1, 1, 1], 0.3f)).item<float>());
    }

    [Fact]
    public void Several_masks_and_photos_equal_single_ones()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photos = Random(2, 3, 31, 29), masks = Random(2, 3, 31, 29);
        torch.Tensor together = s_edges.Refine(photos, masks);
        for (int n = 0; n < 2; n++)
        {
            torch.Tensor photo = photos.narrow(0, n, 1);
            for (int k = 0; k < 3; k++)
                Assert.Equal(Values(s_edges.Refine(photo, masks.narrow(0, n, 1).narrow(1, k, 1))), Values(together.narrow(0, n, 1).narrow(1, k, 1)));
        }
    }

    [Fact]
    public void The_result_is_the_same_for_any_number_of_threads()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photo = Random(1, 3, 150, 131), mask = Random(1, 1, 150, 131);
        float[][] results = [.. new[] { 1, 2, 5 }.Select(threads =>
        {
            var edges = new EdgeGuidance { MaxThreads = threads };
            return Values(edges.Refine(photo, mask));
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(1f)]
    public void A_flat_photo_averages_the_mask(float colour)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor mask = Random(1, 1, 64, 64);
        float[] refined = Values(new EdgeGuidance { Strength = 1 }.Refine(torch.full([1, 3, 64, 64], colour), mask));
        Assert.All(refined, value => Assert.InRange(value, 0.2f, 0.8f));
    }

    [Fact]
    public void A_transposed_photo_and_mask_give_the_transposed_result()
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor photo = Random(1, 3, 26, 41), mask = Random(1, 1, 26, 41);
        torch.Tensor straight = s_edges.Refine(photo, mask);
        torch.Tensor turned = s_edges.Refine(photo.transpose(2, 3), mask.transpose(2, 3)).transpose(2, 3).contiguous();
        AssertClose(Values(straight), Values(turned), 1e-3f); // the contrast is sampled at other pixels
    }

    [Fact]
    public void Settings_out_of_range_are_refused()
    {
        Assert.Contains("Reach is 0.5; expected 1 to 1000", Assert.Throws<ArgumentOutOfRangeException>(() => new EdgeGuidance { Reach = 0.5 }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new EdgeGuidance { Reach = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EdgeGuidance { EdgeThreshold = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EdgeGuidance { Strength = 1.01 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EdgeGuidance { Rounds = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new EdgeGuidance { MaxThreads = 0 });
    }

    [Fact]
    public void Planes_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("width", () => s_edges.Guide(new float[60], 0, 4));
        Assert.Contains("[3, 4, 5]", Assert.Throws<ArgumentException>("image", () => s_edges.Guide(new float[59], 5, 4)).Message, StringComparison.Ordinal);
        using IGuidance guidance = s_edges.Guide(new float[60], 5, 4);
        Assert.Throws<ArgumentException>("masks", () => guidance.Propagate([], []));
        Assert.Throws<ArgumentException>("masks", () => guidance.Propagate(new float[21], new float[21]));
        Assert.Throws<ArgumentException>("refined", () => guidance.Propagate(new float[40], new float[20]));
        guidance.Dispose();
        Assert.Throws<ObjectDisposedException>(() => guidance.Propagate(new float[20], new float[20]));
    }

    /// <summary>The gates as their definition reads: pixel by pixel, in double.</summary>
    private static float[] NaiveGates(float[] image, int width, int height, double sigma, double reach)
    {
        // Each direction's step back, and the step across the scan.
        (int Y, int X, int AcrossY, int AcrossX)[] directions = [(0, -1, 1, 0), (0, 1, 1, 0), (-1, 0, 0, 1), (1, 0, 0, 1)];
        int plane = width * height;
        float[] gates = new float[12 * plane];
        for (int direction = 0; direction < 4; direction++)
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    double[] links = Links(direction, y, x), opposite = Links(direction ^ 1, y, x);
                    for (int k = 0; k < 3; k++)
                        gates[(3 * direction + k) * plane + y * width + x] =
                            (float)(links[k] / (links.Sum() + Math.Max(Math.Max(links.Sum(), opposite.Sum()), 0.3) / (reach - 1)));
                }
        return gates;

        double[] Links(int direction, int y, int x)
        {
            double[] links = new double[3];
            for (int k = -1; k <= 1; k++)
            {
                int fromY = y + directions[direction].Y + k * directions[direction].AcrossY, fromX = x + directions[direction].X + k * directions[direction].AcrossX;
                if (fromY < 0 || fromY >= height || fromX < 0 || fromX >= width)
                    continue;
                double squared = 0;
                for (int c = 0; c < 3; c++)
                    squared += Math.Pow(image[c * plane + y * width + x] - (double)image[c * plane + fromY * width + fromX], 2);
                links[k + 1] = 1 / (1 + Math.Pow(squared / (sigma * sigma), 3));
            }
            return links;
        }
    }

    private static torch.Tensor Random(params long[] shape)
    {
        long count = shape.Aggregate(1L, (product, size) => product * size);
        var random = new Random((int)count); // so a photo and its mask differ
        return torch.tensor([.. Enumerable.Range(0, (int)count).Select(_ => random.NextSingle())], shape);
    }

    private static torch.Tensor Columns(int size, Func<int, float> value)
        => torch.tensor([.. Enumerable.Range(0, size * size).Select(i => value(i % size))], [1, 1, size, size]);

    private static float[] Values(torch.Tensor tensor)
    {
        using torch.Tensor flat = tensor.contiguous();
        return flat.data<float>().ToArray();
    }

    private static void AssertClose(float[] expected, float[] actual, float tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"at {i}: {actual[i]}, expected {expected[i]}");
    }
}
