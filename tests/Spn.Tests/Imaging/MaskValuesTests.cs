using SkiaSharp;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Imaging;

/// <summary>The one rule for integer masks: zeros and ones are never taken for a nearly empty mask.</summary>
public sealed class MaskValuesTests
{
    private const int Width = 12, Height = 8;

    private static int At(int x, int y) => x is >= 3 and < 9 && y is >= 2 and < 6 ? 1 : 0;

    /// <summary>A block of <paramref name="value"/> on zeros.</summary>
    private static int[,] Block(int value)
    {
        int[,] samples = new int[Height, Width];
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
                samples[y, x] = At(x, y) * value;
        }
        return samples;
    }

    private static byte[] Bytes(int value) => [.. Block(value).Cast<int>().Select(sample => (byte)sample)];

    private static void AssertBlock(Mask mask, float expected = 1)
    {
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
                Assert.Equal(At(x, y) * expected, mask[x, y], 1e-6f);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void Grey_files_of_zeros_and_ones(int depth) => AssertBlock(Mask.Load(PngFile.Make(Block(1), depth)));

    [Theory]
    [InlineData(2, 3)]
    [InlineData(4, 15)]
    [InlineData(8, 255)]
    [InlineData(16, 65535)]
    public void Grey_files_that_use_their_whole_range(int depth, int max) => AssertBlock(Mask.Load(PngFile.Make(Block(max), depth)));

    [Fact]
    public void Bytes_tensors_and_bitmaps_of_zeros_and_ones()
    {
        AssertBlock(Mask.Load(MaskInput.FromPixels(Bytes(1), Width, Height)));
        AssertBlock(Mask.Load(MaskInput.FromPixels(Bytes(1).AsSpan(), Width, Height)));
        AssertBlock(Mask.Load(torch.tensor(Bytes(1), Height, Width)));
        AssertBlock(Mask.Load(torch.tensor(Bytes(255), 1, 1, Height, Width)));
        using SKBitmap grey = new(Width, Height, SKColorType.Gray8, SKAlphaType.Opaque);
        for (int y = 0; y < Height; y++)
            Bytes(1).AsSpan(y * Width, Width).CopyTo(grey.GetPixelSpan()[(y * grey.RowBytes)..]);
        AssertBlock(Mask.Load(grey));
    }

    [Theory]
    [InlineData(SKColorType.Rgba16161616)]
    [InlineData(SKColorType.RgbaF32)]
    public void Bitmaps_of_more_than_8_bits(SKColorType colorType)
    {
        foreach (int value in new[] { 1, 65535 })
        {
            using SKBitmap bitmap = new(Width, Height, colorType, SKAlphaType.Opaque);
            float[] floats = [.. Block(value).Cast<int>().SelectMany(sample => new[] { sample / 65535f, sample / 65535f, sample / 65535f, 1 })];
            if (colorType == SKColorType.RgbaF32)
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(floats.AsSpan()).CopyTo(bitmap.GetPixelSpan());
            else
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(floats.Select(f => (ushort)MathF.Round(f * 65535)).ToArray().AsSpan()).CopyTo(bitmap.GetPixelSpan());
            AssertBlock(Mask.Load(bitmap));
        }
    }

    [Fact]
    public void Colour_and_alpha_files_of_zeros_and_ones()
    {
        AssertBlock(Mask.Load(Pictures.Png(Width, Height, (x, y) => Grey(At(x, y)))));
        AssertBlock(Mask.Load(Pictures.Png(Width, Height, (x, y) => new SKColor(0, 0, 0, (byte)(255 * At(x, y))), SKAlphaType.Unpremul)));

        static SKColor Grey(int value) => new((byte)value, (byte)value, (byte)value);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(31)]
    public void Values_that_may_be_labels_are_refused_unless_the_caller_says_that_they_are_probabilities(byte value)
    {
        MaskOptions probabilities = new() { Values = MaskValues.Probabilities };
        MaskInput file = PngFile.Make(Block(value), 8), bytes = MaskInput.FromPixels(Bytes(value), Width, Height);
        MaskInput tensor = torch.tensor(Bytes(value), Height, Width);
        Assert.Contains("LabelMap", Assert.Throws<InvalidDataException>(() => Mask.Load(file)).Message, StringComparison.Ordinal);
        Assert.Contains("LabelMap", Assert.Throws<ArgumentException>("mask", () => Mask.Load(bytes)).Message, StringComparison.Ordinal);
        Assert.Contains("LabelMap", Assert.Throws<ArgumentException>("mask", () => Mask.Load(tensor)).Message, StringComparison.Ordinal);
        foreach (MaskInput input in new[] { file, bytes, tensor })
            AssertBlock(Mask.Load(input.With(probabilities)), value / 255f);
    }

    [Fact]
    public void Small_16_bit_values_are_refused_and_large_ones_are_probabilities()
    {
        Assert.Throws<InvalidDataException>(() => Mask.Load(PngFile.Make(Block(255), 16)));
        Assert.Throws<InvalidDataException>(() => Mask.Load(PngFile.Make(Block(8191), 16)));
        AssertBlock(Mask.Load(PngFile.Make(Block(8192), 16)), 8192 / 65535f);
        AssertBlock(Mask.Load(PngFile.Make(Block(32), 8)), 32 / 255f);
    }

    [Fact]
    public void A_mask_of_zeros_is_empty_and_a_mask_of_ones_is_full()
    {
        Assert.All(Mask.Load(MaskInput.FromPixels(new byte[6], 3, 2)).Pixels.ToArray(), value => Assert.Equal(0, value));
        Assert.All(Mask.Load(MaskInput.FromPixels([1, 1, 1, 1, 1, 1], 3, 2)).Pixels.ToArray(), value => Assert.Equal(1, value));
    }

    [Theory]
    [InlineData(MaskFormat.Png, 255)]
    [InlineData(MaskFormat.Png16, 65535)]
    public void Masks_that_Spn_saved_come_back_however_faint_they_are(MaskFormat format, int range)
    {
        MemoryStream file = new();
        new Mask(3, 1, [0, 1f / range, 3f / range]).Save(file, format);
        Assert.Equal([0, 1f / range, 3f / range], Mask.Load(file.ToArray()).Pixels.ToArray());
    }

    [Fact]
    public void Rounding_errors_outside_the_range_are_clamped_and_more_is_refused()
    {
        Assert.Equal([0, 1, 0.5f], Mask.Load(MaskInput.FromPixels([-1e-9f, 1.0000001f, 0.5f], 3, 1)).Pixels.ToArray());
        Assert.Equal([0, 1, 0.5f], Mask.Load(torch.tensor([-1e-3f, 1.001f, 0.5f], 1, 3)).Pixels.ToArray());
        Assert.Throws<ArgumentException>("mask", () => Mask.Load(MaskInput.FromPixels([0, 1.01f], 2, 1)));
        Assert.Throws<ArgumentException>("mask", () => Mask.Load(torch.tensor([0, -0.01f], 1, 2)));
        Assert.Equal([0, 1], ClassesOf([-1e-9f, 1.0000001f]).Pixels.ToArray());

        static ClassProbabilities ClassesOf(float[] values)
        {
            using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new Refinement.FakeGuidance()).Build();
            return refiner.Refine(ImageInput.FromPixels(new byte[3], 1, 1, PixelFormat.Rgb24), ClassProbabilities.FromPixels(values, 2, 1, 1));
        }
    }

    [Fact]
    public void Logits()
    {
        MaskOptions logits = new() { Values = MaskValues.Logits };
        float[] values = [0, 2, -3, float.PositiveInfinity, float.NegativeInfinity];
        float[] expected = [0.5f, 1 / (1 + MathF.Exp(-2)), 1 / (1 + MathF.Exp(3)), 1, 0];
        Assert.Equal(expected, Mask.Load(MaskInput.FromPixels(values, 5, 1).With(logits)).Pixels.ToArray());
        Assert.Equal(expected, Mask.Load(MaskInput.From(torch.tensor(values, 1, 5)).With(logits)).Pixels.ToArray());
        Assert.Throws<ArgumentException>("mask", () => Mask.Load(MaskInput.FromPixels([float.NaN], 1, 1).With(logits)));
        Assert.Throws<ArgumentException>("mask", () => Mask.Load(MaskInput.FromPixels(new byte[1], 1, 1).With(logits)));
        Assert.Throws<InvalidDataException>(() => Mask.Load(MaskInput.From(PngFile.Make(Block(1), 8)).With(logits)));
    }

    [Fact]
    public void Metrics_follow_the_same_rule()
    {
        Assert.Equal(Bytes(1), Spn.Metrics.BinaryMask.From(Bytes(1), Width, Height).Pixels.ToArray());
        Assert.Equal(Bytes(1), Spn.Metrics.BinaryMask.From(Bytes(200), Width, Height).Pixels.ToArray());
        Assert.Equal(Bytes(0), Spn.Metrics.BinaryMask.From(Bytes(100), Width, Height).Pixels.ToArray());
        Assert.Throws<ArgumentException>("probabilities", () => Spn.Metrics.BinaryMask.From(Bytes(2), Width, Height));
    }
}
