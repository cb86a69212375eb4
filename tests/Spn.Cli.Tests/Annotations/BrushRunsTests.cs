using Spn.Cli.Annotations.LabelStudio;
using Xunit;

namespace Spn.Cli.Tests.Annotations;

/// <summary>The expected bytes are those of @thi.ng/rle-pack 3, which Label Studio uses, and of the tests of label-studio-converter.</summary>
public sealed class BrushRunsTests
{
    // A box and a pixel in 13 x 7 pixels.
    private static readonly byte[] s_box =
        [0, 0, 1, 108, 57, 27, 254, 115, 0, 194, 255, 248, 108, 3, 11, 255, 225, 176, 12, 47, 255, 156, 192, 35, 255];

    // 50,000 pixels after 30,000, in 400 x 300: runs that are longer than the longest length.
    private static readonly byte[] s_long =
    [
        0, 7, 83, 0, 57, 27, 255, 255, 255, 0, 250, 151, 224, 31, 255, 255, 255, 255, 255, 255, 255, 255, 255, 254, 26, 127, 255, 255, 255,
        192, 63, 255, 248, 7, 112, 255, 0,
    ];

    private static bool IsBox(int x, int y) => x is >= 3 and <= 8 && y is >= 2 and <= 4 || (x, y) == (12, 6);

    private static bool IsLong(int x, int y) => x + 400 * y is >= 30_000 and < 80_000;

    [Fact]
    public void They_are_those_of_the_editor()
    {
        Check(s_box, 13, 7, IsBox);
        Check(s_long, 400, 300, IsLong);

        static void Check(byte[] packed, int width, int height, Func<int, int, bool> isInside)
        {
            byte[] values = BrushRuns.Decode(packed, 4 * width * height);
            for (int i = 0; i < values.Length; i++)
                Assert.Equal(isInside(i / 4 % width, i / 4 / width) ? 255 : 0, values[i]);
            Assert.Equal(packed, BrushRuns.Encode(Draw(width, height, isInside)));
        }
    }

    [Fact]
    public void Single_values_are_read_in_groups_and_one_by_one()
    {
        byte[] expected = [1, 1, 1, 1, 2, 3, 5, 6, 7, 8, 4, 4, 4, 4, 4, 4, 4, 4];
        Assert.Equal(expected, BrushRuns.Decode([0, 0, 0, 18, 57, 27, 252, 96, 34, 129, 1, 130, 131, 3, 132, 78, 8], 18));
        Assert.Equal(
            expected,
            BrushRuns.Decode([0, 0, 0, 18, 57, 27, 252, 96, 32, 1, 0, 6, 0, 40, 0, 192, 3, 128, 17, 56, 32], 18));
    }

    [Fact]
    public void Strokes_in_colour_are_read()
    {
        byte[] values = BrushRuns.Decode(
            [0, 0, 0, 48, 57, 27, 252, 96, 3, 255, 128, 61, 90, 127, 128, 61, 90, 97, 48, 1, 255, 192, 30, 173, 63, 192, 30, 173, 39, 0], 48);
        Assert.Equal([1, 2, 8, 9], Enumerable.Range(0, 12).Where(i => values[4 * i + 3] == 180));
        Assert.Equal([255, 0, 122, 180], values[4..8]);
    }

    [Fact]
    public void Any_mask_comes_back()
    {
        Random random = new(1);
        foreach (double share in new[] { 0, 0.001, 0.3, 0.999, 1 })
        {
            Mask mask = Draw(211, 173, (_, _) => random.NextDouble() < share);
            byte[] values = BrushRuns.Decode(BrushRuns.Encode(mask), 4 * 211 * 173);
            Assert.Equal(mask.Pixels.ToArray().Select(value => (byte)(255 * value)), values.Where((_, i) => i % 4 == 3));
        }
    }

    [Fact]
    public void Damage_is_found()
    {
        Assert.Contains("Expected run lengths of 368 values, got 364.", Refused(s_box, 368), StringComparison.Ordinal);
        for (int length = 0; length < s_box.Length - 1; length++)
            Assert.Contains("end too early", Refused(s_box[..length], 364), StringComparison.Ordinal);
        byte[] beyond = [.. s_box];
        beyond[3] = 8; // fewer values than the first run has
        Assert.Contains("goes beyond the 8 values", Refused(beyond[..2].Concat(beyond[2..]).Select((b, i) => i == 2 ? (byte)0 : b), 8), StringComparison.Ordinal);

        static string Refused(IEnumerable<byte> packed, int count)
            => Assert.Throws<InvalidDataException>(() => BrushRuns.Decode([.. packed], count)).Message;
    }

    private static Mask Draw(int width, int height, Func<int, int, bool> isInside)
    {
        float[] pixels = [.. Enumerable.Range(0, width * height).Select(i => isInside(i % width, i / width) ? 1f : 0f)];
        return Mask.Load(MaskInput.FromPixels(pixels.AsMemory(), width, height));
    }
}
