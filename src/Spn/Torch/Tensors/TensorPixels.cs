using System.Runtime.InteropServices;
using Spn.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>Callers' tensors, checked and brought to <c>[N, C, H, W]</c> float32 in 0..1, and spans over our own tensors.</summary>
internal static class TensorPixels
{
    private const string Rgb = "expected [3, H, W] or [N, 3, H, W], floating point in 0..1 or uint8";

    private static readonly Scalar s_maxByte = 255f.ToScalar();

    /// <summary><c>[3, H, W]</c> or <c>[N, 3, H, W]</c> → <c>[N, 3, H, W]</c>. N may be 0.</summary>
    /// <exception cref="ArgumentException">The shape, the type or a value does not fit.</exception>
    public static Tensor Image(string argument, Tensor image, long pixelLimit)
    {
        RequireRgb(argument, image, pixelLimit);
        if (image.dim() == 3)
            image = image.unsqueeze(0);
        if (image.dtype != ScalarType.Byte)
            return ToUnit(argument, image, Rgb);
        using Tensor bytes = image.to(float32);
        return bytes.div(s_maxByte);
    }

    /// <summary><c>[H, W]</c>, <c>[K, H, W]</c> or <c>[N, K, H, W]</c> → <c>[N, K, H, W]</c>. K and N may be 0.</summary>
    /// <inheritdoc cref="Image"/>
    public static Tensor Masks(string argument, Tensor masks, long pixelLimit)
    {
        const string expected = "expected [H, W], [K, H, W] or [N, K, H, W], floating point in 0..1, uint8 or bool";
        Tensor maps = masks.dim() switch
        {
            2 => masks.unsqueeze(0).unsqueeze(0),
            3 => masks.unsqueeze(0),
            4 => masks.alias(),
            _ => throw new ArgumentException($"{argument}: {expected}, got {Describe(masks)}.", argument),
        };
        Check(argument, maps, expected, pixelLimit);
        return maps.dtype == ScalarType.Byte ? FromBytes(argument, maps, MaskValues.Auto) : ToUnit(argument, maps, expected);
    }

    /// <summary>One image <c>[3, H, W]</c> or <c>[1, 3, H, W]</c>, checked now and read later.</summary>
    /// <exception cref="ArgumentException">The shape, the type or a value does not fit, or there are several images.</exception>
    public static OpenPixels OpenImage(string argument, Tensor image, long pixelLimit)
    {
        RequireRgb(argument, image, pixelLimit);
        RequireOne(argument, image.dim() == 3 ? 1 : image.shape[0]);
        return new OpenPixels((int)image.shape[^1], (int)image.shape[^2], planes =>
        {
            using DisposeScope scope = NewDisposeScope();
            CopyTo(Image(argument, image, pixelLimit), planes);
        });
    }

    /// <summary>One mask <c>[H, W]</c>, <c>[1, H, W]</c> or <c>[1, 1, H, W]</c>, checked now and read later.</summary>
    /// <exception cref="ArgumentException">The shape, the type or a value does not fit, or there are several masks.</exception>
    public static OpenPixels OpenMask(string argument, Tensor mask, MaskValues values, long pixelLimit)
    {
        const string expected = "expected [H, W], [1, H, W] or [1, 1, H, W], floating point, uint8 or bool";
        if (mask.dim() is not (2 or 3 or 4))
            throw new ArgumentException($"{argument}: {expected}, got {Describe(mask)}.", argument);
        RequireOne(argument, mask.shape[..^2].Aggregate(1L, (product, size) => product * size));
        Check(argument, mask, expected, pixelLimit);
        (int height, int width) = ((int)mask.shape[^2], (int)mask.shape[^1]);
        return new OpenPixels(width, height, map =>
        {
            using DisposeScope scope = NewDisposeScope();
            if (mask.dtype == ScalarType.Byte)
            {
                CopyTo(FromBytes(argument, mask, values), map);
            }
            else if (values == MaskValues.Logits && mask.is_floating_point())
            {
                CopyTo(mask.to(float32), map);
                UnitRange.FromLogits(argument, map);
            }
            else
            {
                CopyTo(ToUnit(argument, mask, expected), map);
            }
        });
    }

    /// <summary>Refuses a tensor of several images or masks where one is refined.</summary>
    /// <exception cref="ArgumentException">There is not exactly one.</exception>
    public static void RequireOne(string argument, long count)
    {
        if (count != 1)
        {
            throw new ArgumentException(
                $"{argument}: expected one in the tensor, got {count}. Pass image and masks as tensors to refine several.", argument);
        }
    }

    /// <summary>The memory of one of our own contiguous CPU tensors, which must outlive the span.</summary>
    public static unsafe Span<T> SpanOf<T>(Tensor tensor) where T : unmanaged
        => tensor.numel() == 0 ? [] : new(TensorMemory.Pointer(tensor), checked((int)(tensor.numel() * tensor.element_size() / sizeof(T))));

    /// <summary>Any float32 tensor's values in order.</summary>
    public static float[] ToArray(Tensor map)
    {
        float[] values = new float[map.numel()];
        CopyTo(map, values);
        return values;
    }

    /// <summary>Copies any float32 tensor's values in order.</summary>
    public static void CopyTo(Tensor map, Span<float> values)
    {
        using Tensor local = map.cpu(), dense = local.contiguous();
        SpanOf<float>(dense).CopyTo(values);
        GC.KeepAlive(dense);
    }

    private static void RequireRgb(string argument, Tensor image, long pixelLimit)
    {
        if (image.dim() is not (3 or 4) || image.shape[^3] != 3)
            throw new ArgumentException($"{argument}: {Rgb}, got {Describe(image)}.", argument);
        Check(argument, image, Rgb, pixelLimit);
    }

    private static void Check(string argument, Tensor maps, string expected, long pixelLimit)
    {
        if (maps.dtype is not (ScalarType.Byte or ScalarType.Bool or ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64))
            throw new ArgumentException($"{argument}: {expected}, got {Describe(maps)}.", argument);
        if (maps.shape[^1] == 0 || maps.shape[^2] == 0)
            throw new ArgumentException($"{argument}: {expected}, got {Describe(maps)} without pixels.", argument);
        PixelLimit.Check(new InputName(argument, "the tensor"), maps.shape[^1], maps.shape[^2], pixelLimit);
    }

    /// <summary>Floating-point or bool values to float32, clamped to 0..1 within the tolerance.</summary>
    private static Tensor ToUnit(string argument, Tensor maps, string expected)
    {
        if (maps.dtype == ScalarType.Bool)
            return maps.to(float32);
        if (!maps.is_floating_point())
            throw new ArgumentException($"{argument}: {expected}, got {Describe(maps)}.", argument);
        Tensor values = maps.to(float32);
        if (values.numel() == 0)
            return values;
        using Tensor lowest = values.min().cpu(), highest = values.max().cpu();
        (float min, float max) = (lowest.item<float>(), highest.item<float>());
        UnitRange.Require(argument, min, max);
        if (min >= 0 && max <= 1)
            return values;
        using Tensor zero = tensor(0f, device: values.device), one = ones_like(zero);
        return values.clamp(zero, one);
    }

    /// <summary>uint8 masks, each by the rule of <see cref="MaskValues"/>.</summary>
    private static Tensor FromBytes(string argument, Tensor maps, MaskValues values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bytes = maps.to(float32);
        if (maps.numel() == 0)
            return bytes.MoveToOuterDisposeScope();
        Tensor highest = bytes.reshape(-1, maps.shape[^2] * maps.shape[^1]).amax([1]).cpu(); // of each mask
        float[] scales = [.. SpanOf<float>(highest).ToArray().Select(max => (float)MaskScale.Resolve(
            (int)max, byte.MaxValue, values,
            (why, advice) => InputProblem.ForArgument(new InputName(argument, "the uint8 tensor"), why, advice)))];
        Tensor scale = tensor(scales, device: maps.device).reshape([.. maps.shape[..^2], 1, 1]);
        return bytes.div(scale).MoveToOuterDisposeScope();
    }

    private static string Describe(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}] of {tensor.dtype}";
}
