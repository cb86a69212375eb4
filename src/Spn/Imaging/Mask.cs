using System.Runtime.InteropServices;
using SkiaSharp;
using Spn.Imaging;
using Spn.Imaging.Png;
using Spn.Native;
using TorchSharp;

namespace Spn;

/// <summary>A mask: a probability in 0..1 for every pixel. Immutable and in managed memory, so there is nothing to dispose.</summary>
public sealed class Mask
{
    private readonly float[] _pixels;

    internal Mask(int width, int height, float[] pixels) => (Width, Height, _pixels) = (width, height, pixels);

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The probabilities in 0..1, row by row from the top, <c>Width · Height</c> of them.</summary>
    public ReadOnlySpan<float> Pixels => _pixels;

    /// <summary>The probability of one pixel.</summary>
    /// <param name="x">Column, 0 at the left.</param>
    /// <param name="y">Row, 0 at the top.</param>
    public float this[int x, int y]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)x, (uint)Width, nameof(x));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)y, (uint)Height, nameof(y));
            return _pixels[y * Width + x];
        }
    }

    internal ReadOnlyMemory<float> Memory => _pixels;

    /// <summary>A mask as it is, without refining: <c>Mask.Load("mask.png")</c>.</summary>
    /// <param name="mask">A path, stream, bitmap, tensor or raw pixels.</param>
    /// <param name="pixelLimit">The most pixels it may have, 1 to 500 million; default 100 million.</param>
    /// <exception cref="ArgumentOutOfRangeException">The limit is out of range.</exception>
    /// <exception cref="ArgumentException">The mask is null, a folder, or holds values outside 0..1.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no picture, cut off, too large, coloured, or holds several labels.</exception>
    public static Mask Load(MaskInput mask, long pixelLimit = PixelLimit.Default)
    {
        ArgumentNullException.ThrowIfNull(mask);
        PixelLimit.Require(pixelLimit);
        NativeLibraries.EnsureLoaded();
        using DisposeScope scope = torch.NewDisposeScope();
        return FromTensor(mask.LoadOne(pixelLimit, nameof(mask)));
    }

    /// <summary>A hard mask: 1 where the probability is at least the threshold, else 0.</summary>
    /// <param name="threshold">0..1; default 0.5.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is NaN or outside 0..1.</exception>
    public Mask Threshold(float threshold = 0.5f)
    {
        RequireThreshold(threshold);
        float[] hard = new float[_pixels.Length];
        for (int i = 0; i < hard.Length; i++)
            hard[i] = _pixels[i] >= threshold ? 1f : 0f;
        return new Mask(Width, Height, hard);
    }

    /// <summary>The mask in bytes, 0..1 as 0..255, row by row from the top.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[_pixels.Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Copies the probabilities.</summary>
    /// <param name="destination">At least <c>Width · Height</c> elements.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(Span<float> destination)
    {
        RequireRoom(destination.Length);
        _pixels.CopyTo(destination);
    }

    /// <summary>Copies the mask as bytes, 0..1 as 0..255, rounded.</summary>
    /// <param name="destination">At least <c>Width · Height</c> elements.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo(Span<byte> destination)
    {
        RequireRoom(destination.Length);
        for (int i = 0; i < _pixels.Length; i++)
            destination[i] = (byte)(_pixels[i] * 255f + 0.5f);
    }

    /// <summary>Writes an 8-bit grey PNG, under a temporary name first, so that the file appears whole or not at all.</summary>
    /// <param name="path">The file, ending in <c>.png</c>; an existing one is replaced.</param>
    /// <exception cref="ArgumentException">The path is empty or does not end in .png.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(RequirePng(path), Save);

    /// <summary>Writes an 8-bit grey PNG.</summary>
    /// <param name="stream">A writable stream; it stays open.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        PngWriter.Write(stream, Width, Height, 8, ToBytes());
    }

    /// <summary>A new Gray8 bitmap, the caller's to dispose.</summary>
    public SKBitmap ToSKBitmap()
    {
        SKBitmap bitmap = new(Width, Height, SKColorType.Gray8, SKAlphaType.Opaque);
        Span<byte> target = bitmap.GetPixelSpan();
        byte[] bytes = ToBytes();
        for (int y = 0; y < Height; y++)
            bytes.AsSpan(y * Width, Width).CopyTo(target[(y * bitmap.RowBytes)..]);
        return bitmap;
    }

    /// <summary>From <c>[1, 1, H, W]</c>, float32, any device.</summary>
    internal static Mask FromTensor(torch.Tensor map) => new((int)map.shape[3], (int)map.shape[2], ToArray(map));

    /// <summary>Any float32 tensor's values in order.</summary>
    internal static float[] ToArray(torch.Tensor map)
    {
        using torch.Tensor local = map.cpu(), dense = local.contiguous();
        float[] values = new float[dense.numel()];
        dense.bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        GC.KeepAlive(dense);
        return values;
    }

    internal static void RequireThreshold(float threshold)
    {
        if (!(threshold >= 0 && threshold <= 1))
            throw new ArgumentOutOfRangeException(nameof(threshold), threshold, "Expected 0..1.");
    }

    internal static string RequirePng(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        return Path.GetExtension(path).Equals(".png", StringComparison.OrdinalIgnoreCase)
            ? path
            : throw new ArgumentException($"path: '{path}' came; expected a name that ends in .png, the one format written.", nameof(path));
    }

    private void RequireRoom(int length, string argument = "destination")
    {
        if (length < _pixels.Length)
            throw new ArgumentException($"{argument}: room for {length:N0} pixels came; {Width} x {Height} are needed.", argument);
    }
}
