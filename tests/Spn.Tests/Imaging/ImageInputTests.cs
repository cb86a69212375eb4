using SkiaSharp;
using Spn.Torch;
using TorchSharp;
using Xunit;
using static Spn.Testing.Pictures;

namespace Spn.Tests.Imaging;

/// <summary>Every source of an image gives the same planes.</summary>
public sealed class ImageInputTests
{
    private const long Limit = 1000;
    private const int Width = 13, Height = 6;

    [Fact]
    public void Path_stream_bitmap_and_tensor_agree_to_the_bit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using TemporaryFolder folder = new();
        byte[] png = ColourPng(Width, Height);
        using SKBitmap bitmap = Colours(Width, Height);
        float[] expected = Planes(Width, Height, ColourAt);

        AssertPlanes(expected, folder.File("photo.png", png));
        AssertPlanes(expected, new MemoryStream(png));
        AssertPlanes(expected, new ForwardStream(png));
        AssertPlanes(expected, bitmap);
        torch.Tensor tensor = torch.tensor(expected, 1, 3, Height, Width);
        AssertPlanes(expected, tensor);
        AssertPlanes(expected, tensor.squeeze(0));
        AssertPlanes(expected, tensor.to(torch.float64));
        AssertPlanes(expected, tensor.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        AssertPlanes(expected, tensor.mul(torch.tensor(255f)).round().to(torch.uint8));
    }

    [Theory]
    [InlineData(PixelFormat.Gray8, 0)]
    [InlineData(PixelFormat.Rgb24, 0)]
    [InlineData(PixelFormat.Bgr24, 47)]
    [InlineData(PixelFormat.Rgba32, 60)]
    [InlineData(PixelFormat.Bgra32, 0)]
    public void Raw_pixels_of_every_format_and_stride(PixelFormat format, int stride)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int size = format switch { PixelFormat.Gray8 => 1, PixelFormat.Rgb24 or PixelFormat.Bgr24 => 3, _ => 4 };
        int step = stride == 0 ? Width * size : stride;
        byte[] pixels = new byte[step * (Height - 1) + Width * size];
        new Random(1).NextBytes(pixels);
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                SKColor c = ColourAt(x, y);
                byte[] bytes = format switch
                {
                    PixelFormat.Gray8 => [c.Red],
                    PixelFormat.Rgb24 => [c.Red, c.Green, c.Blue],
                    PixelFormat.Bgr24 => [c.Blue, c.Green, c.Red],
                    PixelFormat.Rgba32 => [c.Red, c.Green, c.Blue, (byte)(x * 11)],
                    _ => [c.Blue, c.Green, c.Red, 0],
                };
                bytes.CopyTo(pixels, y * step + x * size);
            }
        }
        float[] expected = Planes(Width, Height, (x, y) => format == PixelFormat.Gray8
            ? new SKColor(ColourAt(x, y).Red, ColourAt(x, y).Red, ColourAt(x, y).Red)
            : ColourAt(x, y));

        AssertPlanes(expected, ImageInput.FromPixels(pixels, Width, Height, format, stride));
        AssertPlanes(expected, ImageInput.FromPixels(pixels.AsMemory(), Width, Height, format, stride));
        AssertPlanes(expected, ImageInput.FromPixels(pixels.AsSpan(), Width, Height, format, stride));
    }

    [Fact]
    public void Memory_is_borrowed_and_a_span_is_copied()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        byte[] pixels = new byte[4];
        ImageInput borrowed = ImageInput.FromPixels(pixels, 2, 2, PixelFormat.Gray8);
        ImageInput copied = ImageInput.FromPixels(pixels.AsSpan(), 2, 2, PixelFormat.Gray8);
        pixels.AsSpan().Fill(255);

        Assert.Equal(1f, borrowed.ToTensor(Limit).max().item<float>());
        Assert.Equal(0f, copied.ToTensor(Limit).max().item<float>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Exif_orientation_is_applied(int orientation)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        const int storedWidth = 48, storedHeight = 32;
        using SKBitmap stored = Bitmap(storedWidth, storedHeight, (x, y) => new SKColor(
            (byte)(x < 24 ? 255 : 0), (byte)(y < 16 ? 255 : 0), (byte)(x < 24 && y < 16 ? 255 : 0)));
        byte[] jpeg = WithOrientation(Encode(stored, SKEncodedImageFormat.Jpeg, 100), orientation);

        torch.Tensor image = ((ImageInput)new MemoryStream(jpeg)).ToTensor(10_000);

        // Where the stored picture's column and row 0 stand in the upright one (EXIF 2.32, tag 0x0112).
        (bool turned, bool left, bool top) = orientation switch
        {
            1 => (false, true, true),
            2 => (false, false, true),
            3 => (false, false, false),
            4 => (false, true, false),
            5 => (true, true, true),
            6 => (true, false, true),
            7 => (true, false, false),
            _ => (true, true, false),
        };
        Assert.Equal(turned ? [1, 3, storedWidth, storedHeight] : new long[] { 1, 3, storedHeight, storedWidth }, image.shape);
        // The blue quarter is the stored picture's top left; red its left half, green its top half.
        bool atLeft = left, atTop = top;
        for (int quarter = 0; quarter < 4; quarter++)
        {
            bool isLeft = quarter % 2 == 0, isTop = quarter < 2;
            long x = image.shape[3] * (isLeft ? 1 : 3) / 4, y = image.shape[2] * (isTop ? 1 : 3) / 4;
            bool storedLeft = turned ? isTop == atTop : isLeft == atLeft, storedTop = turned ? isLeft == atLeft : isTop == atTop;
            Assert.Equal(storedLeft, image[0, 0, y, x].item<float>() > 0.5f);
            Assert.Equal(storedTop, image[0, 1, y, x].item<float>() > 0.5f);
            Assert.Equal(storedLeft && storedTop, image[0, 2, y, x].item<float>() > 0.5f);
        }
    }

    [Fact]
    public void Transparent_pictures_are_seen_over_white()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SKBitmap bitmap = Bitmap(3, 1, (x, _) => new SKColor(200, 100, 0, (byte)(x == 0 ? 0 : x == 1 ? 128 : 255)), SKAlphaType.Unpremul);

        foreach (ImageInput input in new ImageInput[] { bitmap, new MemoryStream(Png(bitmap)) })
        {
            float[] seen = TensorPixels.ToArray(input.ToTensor(Limit));
            float[] expected = [1, Over(200), 200 / 255f, 1, Over(100), 100 / 255f, 1, Over(0), 0];
            for (int i = 0; i < seen.Length; i++)
                Assert.Equal(expected[i], seen[i], 1.01f / 255);
        }

        static float Over(int c) => (c * 128 / 255f + 127) / 255f;
    }

    [Fact]
    public void Palette_pictures_are_seen_in_their_colours()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        SKColor[] palette = PngFile.VocPalette();
        int[,] indices = new int[Height, Width];
        for (int i = 0; i < indices.Length; i++)
            indices[i / Width, i % Width] = i * 3;

        AssertPlanes(Planes(Width, Height, (x, y) => palette[indices[y, x]]), new MemoryStream(PngFile.Make(indices, 8, palette)));
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Webp)]
    public void Lossy_files_come_near(SKEncodedImageFormat format)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SKBitmap smooth = Bitmap(32, 32, (x, y) => new SKColor((byte)(8 * x), (byte)(8 * y), 128));
        float[] seen = TensorPixels.ToArray(((ImageInput)new MemoryStream(Encode(smooth, format, 98))).ToTensor(10_000));
        float[] expected = Planes(32, 32, smooth.GetPixel);
        Assert.True(seen.Zip(expected, (a, b) => Math.Abs(a - b)).Average() < 0.02f);
    }

    private static float[] Planes(int width, int height, Func<int, int, SKColor> colour)
    {
        float[] planes = new float[3 * width * height];
        for (int i = 0; i < width * height; i++)
        {
            SKColor c = colour(i % width, i / width);
            planes[i] = c.Red / 255f;
            planes[width * height + i] = c.Green / 255f;
            planes[2 * width * height + i] = c.Blue / 255f;
        }
        return planes;
    }

    private static void AssertPlanes(float[] expected, ImageInput input)
    {
        torch.Tensor image = input.ToTensor(Limit);
        Assert.Equal([1, 3, Height, Width], image.shape);
        Assert.Equal(torch.ScalarType.Float32, image.dtype);
        Assert.Equal(expected, TensorPixels.ToArray(image));
    }

    /// <summary>A stream without length or position, as from a network.</summary>
    private sealed class ForwardStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(7, buffer.Length)]);
    }
}
