using Spn.Guidance.Convolutions;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>One pass gives bit by bit what libtorch's operations give, in the layout that convolutions want.</summary>
public sealed class InterleavedMapsTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<int, int, int, int> Cases => new() { { 1, 3, 16, 16 }, { 2, 3, 17, 131 }, { 3, 1, 1, 1 }, { 1, 5, 33, 7 }, { 2, 16, 20, 260 } };

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Blocks_are_unshuffled_pixels(int n, int c, int height, int width)
    {
        Tensor image = Seeded.Randn(1, [n, c, 2 * height, 2 * width]);
        Tensor expected = nn.functional.pixel_unshuffle(image, 2).to(ScalarType.BFloat16);
        Tensor blocks = InterleavedMaps.Blocks(image);
        Assert.Equal([n, 4 * c, height, width], blocks.shape);
        Assert.True(blocks.permute(0, 2, 3, 1).is_contiguous());
        AssertSame(expected, blocks);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Planes_are_what_was_interleaved(int n, int c, int height, int width)
    {
        Tensor maps = Seeded.Randn(2, [n, height, width, c]).to(ScalarType.BFloat16).permute(0, 3, 1, 2);
        foreach ((long h, long w) in new[] { (height, width), (Math.Max(1, height - 1), Math.Max(1, width - 3)) })
        {
            Tensor planes = InterleavedMaps.Planes(maps, h, w);
            Assert.True(planes.is_contiguous());
            AssertSame(maps.narrow(2, 0, h).narrow(3, 0, w).to(ScalarType.Float32), planes);
        }
    }

    [Theory, InlineData(1), InlineData(4)] // in the scalar rest and in vectors
    public void Values_between_two_are_rounded_as_libtorch_does(int repeats)
    {
        // Halfway to the even one and to the odd one, a little more and less, the largest, what is too large, and the least.
        Tensor image = Image(repeats, 0x3F808000, 0x3F818000, 0x3F808001, 0x3F807FFF, 0x7F7F0000, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 1, 0x80000000, 0x00007FFF, 0x00008000, 0x00018000, 0x00018001, 0xBF808000, 0xBF818000);
        AssertSame(nn.functional.pixel_unshuffle(image, 2).to(ScalarType.BFloat16), InterleavedMaps.Blocks(image));
    }

    [Theory, InlineData(1), InlineData(4)]
    public void What_is_no_number_stays_none(int repeats)
    {
        Tensor image = Image(repeats, 0x7F800001, 0x7FFFFFFF, 0xFFFFFFFF, 0xFF800001);
        Assert.True(InterleavedMaps.Blocks(image).isnan().all().item<bool>());
    }

    private static Tensor Image(int repeats, params uint[] bits)
        => tensor([.. bits.Select(BitConverter.UInt32BitsToSingle)]).repeat(repeats).view(1, 1, 2, bits.Length * repeats / 2);

    [Fact]
    public void A_part_of_an_image_is_read_as_it_lies()
    {
        Tensor wide = Seeded.Randn(3, [2, 5, 12, 30]), part = wide.narrow(1, 1, 3).narrow(3, 4, 20);
        AssertSame(nn.functional.pixel_unshuffle(part, 2).to(ScalarType.BFloat16), InterleavedMaps.Blocks(part));
        Tensor reduced = wide.to(ScalarType.BFloat16).narrow(1, 0, 4);
        AssertSame(reduced.to(ScalarType.Float32), InterleavedMaps.Planes(reduced, 12, 30));
    }

    [Fact]
    public void Float32_is_no_interleaved_map()
        => Assert.Throws<ArgumentException>(() => InterleavedMaps.Planes(zeros(1, 2, 4, 4), 4, 4));

    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.contiguous().bytes.ToArray(), actual.contiguous().bytes.ToArray());
    }
}
