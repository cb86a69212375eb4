using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Imaging;

/// <summary>Callers' tensors, checked and brought to <c>[N, C, H, W]</c> float32 in 0..1; and spans over our own.</summary>
internal static class TensorPixels
{
    private static readonly Scalar s_maxByte = 255f.ToScalar();

    /// <summary><c>[3, H, W]</c> or <c>[N, 3, H, W]</c> → <c>[N, 3, H, W]</c>.</summary>
    /// <exception cref="ArgumentException">The shape, the type or a value does not fit.</exception>
    public static Tensor Image(string argument, Tensor image, long pixelLimit)
    {
        const string expected = "expected [3, H, W] or [N, 3, H, W], floating point in 0..1 or uint8";
        if (image.dim() is not (3 or 4) || image.shape[^3] != 3)
            throw new ArgumentException($"{argument}: a tensor {Describe(image)} came; {expected}.", argument);
        return ToUnit(argument, image.dim() == 3 ? image.unsqueeze(0) : image, expected, pixelLimit);
    }

    /// <summary><c>[H, W]</c>, <c>[K, H, W]</c> or <c>[N, K, H, W]</c> → <c>[N, K, H, W]</c>.</summary>
    /// <inheritdoc cref="Image"/>
    public static Tensor Masks(string argument, Tensor masks, long pixelLimit)
    {
        const string expected = "expected [H, W], [K, H, W] or [N, K, H, W], floating point in 0..1, uint8 or bool";
        Tensor maps = masks.dim() switch
        {
            2 => masks.unsqueeze(0).unsqueeze(0),
            3 => masks.unsqueeze(0),
            4 => masks.alias(),
            _ => throw new ArgumentException($"{argument}: a tensor {Describe(masks)} came; {expected}.", argument),
        };
        return ToUnit(argument, maps, expected, pixelLimit);
    }

    /// <summary>Refuses NaN, infinities and values outside 0..1.</summary>
    /// <exception cref="ArgumentException">There is such a value.</exception>
    public static Tensor RequireUnit(string argument, Tensor maps)
    {
        using Tensor lowest = maps.min().cpu(), highest = maps.max().cpu();
        float low = lowest.item<float>(), high = highest.item<float>();
        if (float.IsNaN(low) || float.IsNaN(high))
            throw new ArgumentException($"{argument}: a value is NaN; expected values in 0..1.", argument);
        if (low < 0 || high > 1)
            throw new ArgumentException($"{argument}: values from {low} to {high} came; expected 0..1.", argument);
        return maps;
    }

    /// <summary>Refuses a tensor of several images or masks where one is refined.</summary>
    /// <exception cref="ArgumentException">There are several.</exception>
    public static void RequireOne(string argument, long count)
    {
        if (count != 1)
            throw new ArgumentException($"{argument}: {count} came in one tensor; expected one. With tensors for image and mask any number is refined.", argument);
    }

    /// <summary>The memory of one of our own contiguous CPU tensors, which must outlive the span.</summary>
    public static Span<T> Span<T>(this Tensor tensor) where T : unmanaged => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    /// <summary>A map <c>[1, 1, height, width]</c> to be filled.</summary>
    public static Tensor NewMap(int width, int height) => empty(1, 1, height, width, dtype: float32);

    private static Tensor ToUnit(string argument, Tensor maps, string expected, long pixelLimit)
    {
        if (maps.numel() == 0)
            throw new ArgumentException($"{argument}: a tensor {Describe(maps)} without values came; {expected}.", argument);
        PixelLimit.Check($"{argument}: the tensor", maps.shape[^1], maps.shape[^2], pixelLimit);
        switch (maps.dtype)
        {
            case ScalarType.Byte:
                using (Tensor bytes = maps.to(float32))
                    return bytes.div(s_maxByte);
            case ScalarType.Bool:
                return maps.to(float32);
            case ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64:
                return RequireUnit(argument, maps.to(float32));
            default:
                throw new ArgumentException($"{argument}: a tensor {Describe(maps)} came; {expected}.", argument);
        }
    }

    private static string Describe(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}] of {tensor.dtype}";
}
