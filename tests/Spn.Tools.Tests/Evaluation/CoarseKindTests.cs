using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>The coarse masks that methods are judged by: what each kind promises, on a wavy mask with a hole and a thin limb that leaves the image.</summary>
public sealed class CoarseKindTests
{
    private const int Width = 320, Height = 240;

    /// <summary>√(width·height)/512: the unit of every length.</summary>
    private static readonly double s_u = Math.Sqrt(Width * Height) / 512;

    private static readonly byte[] s_truth = [.. Enumerable.Range(0, Width * Height).Select(i => (byte)(Inside(i % Width, i / Width) ? 255 : 0))];

    public CoarseKindTests() => OpenCv.Require();

    public static TheoryData<string> Names => [.. CoarseKinds.All.Select(kind => kind.Name)];

    public static TheoryData<string> Inexact => [.. CoarseKinds.All.Select(kind => kind.Name).Where(name => name != "exact")];

    [Fact]
    public void There_are_the_seven_kinds()
        => Assert.Equal(["net8", "net24", "bumps", "polygon", "shift", "grow", "exact"], CoarseKinds.All.Select(kind => kind.Name));

    [Theory, MemberData(nameof(Names))]
    public void The_photos_name_and_the_kind_decide_the_mask(string kind)
    {
        float[] mask = Make(kind, "a");

        Assert.Equal(Width * Height, mask.Length);
        Assert.All(mask, value => Assert.InRange(value, 0, 1));
        Assert.Equal(mask, Make(kind, "a"));
    }

    [Theory, MemberData(nameof(Inexact))]
    public void Photos_of_one_shape_get_different_errors(string kind)
        => Assert.Contains(Enumerable.Range(0, 8), photo => !Make(kind, "a").SequenceEqual(Make(kind, $"{photo}")));

    [Theory, MemberData(nameof(Inexact))]
    public void Every_inexact_kind_is_wrong_somewhere_and_right_mostly(string kind)
    {
        float[] mask = Make(kind, "a");
        int wrong = mask.Where((value, i) => (value >= 0.5f) != (s_truth[i] != 0)).Count();
        Assert.InRange(wrong, 1, Width * Height / 8);
    }

    [Fact]
    public void Exact_is_the_true_mask() => Assert.Equal(s_truth.Select(value => value / 255f), Make("exact", "a"));

    [Theory, InlineData("net8"), InlineData("net24")]
    public void A_networks_output_is_soft(string kind) => Assert.True(Make(kind, "a").Distinct().Count() > 1000);

    [Theory, InlineData("bumps"), InlineData("polygon"), InlineData("shift"), InlineData("grow"), InlineData("exact")]
    public void A_hand_made_mask_is_hard(string kind) => Assert.All(Make(kind, "a"), value => Assert.True(value is 0 or 1));

    [Theory, InlineData("a"), InlineData("b"), InlineData("c")]
    public void Shift_moves_every_pixel_alike(string photo)
    {
        float[] mask = Make("shift", photo);
        int reach = (int)Math.Ceiling(8 * s_u) + 1;
        var moves = from dy in Enumerable.Range(-reach, 2 * reach + 1)
                    from dx in Enumerable.Range(-reach, 2 * reach + 1)
                    where Enumerable.Range(0, mask.Length).All(i => mask[i] == (TruthAt(i % Width - dx, i / Width - dy) ? 1 : 0))
                    select Math.Sqrt(dx * dx + dy * dy);
        double length = Assert.Single(moves);
        Assert.InRange(length, 3 * s_u - 1, 8 * s_u + 1);
    }

    [Theory, InlineData("a"), InlineData("b")]
    public void Bumps_stay_within_a_discs_radius_of_the_boundary(string photo)
    {
        float[] mask = Make("bumps", photo);
        (int X, int Y)[] boundary = [.. Enumerable.Range(0, Width * Height).Select(i => (X: i % Width, Y: i / Width)).Where(p => IsBoundary(p.X, p.Y))];
        int added = 0, removed = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            bool was = s_truth[i] != 0, now = mask[i] != 0;
            if (was == now)
                continue;
            _ = now ? added++ : removed++;
            int x = i % Width, y = i / Width;
            Assert.InRange(Math.Sqrt(boundary.Min(p => (p.X - x) * (p.X - x) + (p.Y - y) * (p.Y - y))), 0, 14 * s_u + 1);
        }
        Assert.True(added > 0 && removed > 0, $"{added} pixels added, {removed} removed");
    }

    [Fact]
    public void Grow_only_adds_or_only_removes()
    {
        bool generous = false, mean = false;
        foreach (string photo in Enumerable.Range(0, 16).Select(i => $"{i}"))
        {
            float[] mask = Make("grow", photo);
            bool added = mask.Where((value, i) => value == 1 && s_truth[i] == 0).Any(), removed = mask.Where((value, i) => value == 0 && s_truth[i] != 0).Any();
            Assert.True(added != removed);
            generous |= added;
            mean |= removed;
        }
        Assert.True(generous && mean, "both must come up in 16 photos");
    }

    [Fact]
    public void A_photo_without_an_object_or_full_of_it_is_no_problem()
    {
        foreach (byte value in new byte[] { 0, 255 })
        {
            using var truth = new Mat(20, 30, MatType.CV_8UC1, Scalar.All(value));
            foreach (CoarseKind kind in CoarseKinds.All)
            {
                using Mat mask = kind.Make(truth, "a");
                Assert.Equal((30, 20), (mask.Width, mask.Height));
            }
        }
    }

    [Fact]
    public void An_unknown_kind_is_rejected_with_the_known_ones()
    {
        var refusal = Assert.Throws<ArgumentException>(() => CoarseKinds.Named(["net8", "net9"]));
        Assert.Contains("'net9'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("net8, net24, bumps", refusal.Message, StringComparison.Ordinal);
    }

    private static bool Inside(int x, int y)
    {
        int dx = x - 140, dy = y - 120;
        double waves = 1 + 0.15 * Math.Sin(9 * Math.Atan2(dy, dx)) + 0.06 * Math.Sin(23 * Math.Atan2(dy, dx));
        bool body = dx * dx + 2 * dy * dy < 9000 * waves, hole = (x - 120) * (x - 120) + dy * dy < 300, limb = x > 200 && Math.Abs(y - 100 - x / 8) < 4;
        return (body && !hole) || limb;
    }

    /// <summary>The true mask, its border repeated outside.</summary>
    private static bool TruthAt(int x, int y) => s_truth[Math.Clamp(y, 0, Height - 1) * Width + Math.Clamp(x, 0, Width - 1)] != 0;

    private static bool IsBoundary(int x, int y)
        => TruthAt(x, y) != TruthAt(x + 1, y) || TruthAt(x, y) != TruthAt(x - 1, y) || TruthAt(x, y) != TruthAt(x, y + 1) || TruthAt(x, y) != TruthAt(x, y - 1)
            || (TruthAt(x, y) && (x is 0 or Width - 1 || y is 0 or Height - 1));

    private static float[] Make(string kind, string photo)
    {
        using Mat truth = Mat.FromPixelData(Height, Width, MatType.CV_8UC1, s_truth);
        using Mat mask = Assert.Single(CoarseKinds.Named([kind])).Make(truth, photo);
        Assert.Equal((Width, Height, MatType.CV_32FC1), (mask.Width, mask.Height, mask.Type()));
        mask.GetArray(out float[] pixels);
        return pixels;
    }
}
