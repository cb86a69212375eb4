using System.Collections.Frozen;
using static TorchSharp.torch;

namespace Spn.Weights;

/// <summary>The element types of the format: their size and, if TorchSharp has one, the matching tensor type.</summary>
internal static class Dtypes
{
    private static readonly FrozenDictionary<string, (int Bits, ScalarType? Tensor)> s_known = new Dictionary<string, (int, ScalarType?)>
    {
        ["BOOL"] = (8, ScalarType.Bool),
        ["U8"] = (8, ScalarType.Byte),
        ["I8"] = (8, ScalarType.Int8),
        ["I16"] = (16, ScalarType.Int16),
        ["I32"] = (32, ScalarType.Int32),
        ["I64"] = (64, ScalarType.Int64),
        ["F16"] = (16, ScalarType.Float16),
        ["BF16"] = (16, ScalarType.BFloat16),
        ["F32"] = (32, ScalarType.Float32),
        ["F64"] = (64, ScalarType.Float64),
        ["C64"] = (64, ScalarType.ComplexFloat32),
        ["U16"] = (16, null),
        ["U32"] = (32, null),
        ["U64"] = (64, null),
        ["F8_E4M3"] = (8, null),
        ["F8_E5M2"] = (8, null),
        ["F8_E8M0"] = (8, null),
        ["F8_E4M3FNUZ"] = (8, null),
        ["F8_E5M2FNUZ"] = (8, null),
        ["F6_E2M3"] = (6, null),
        ["F6_E3M2"] = (6, null),
        ["F4"] = (4, null),
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ScalarType, string> s_names =
        s_known.Where(d => d.Value.Tensor is not null).ToFrozenDictionary(d => d.Value.Tensor!.Value, d => d.Key);

    /// <summary>The size of an element in bits, or <see langword="null"/> if the format does not define the name.</summary>
    public static int? Bits(string dtype) => s_known.TryGetValue(dtype, out var d) ? d.Bits : null;

    /// <summary>The tensor type for a stored type, or <see langword="null"/> if TorchSharp has none.</summary>
    public static ScalarType? TensorType(string dtype) => s_known.TryGetValue(dtype, out var d) ? d.Tensor : null;

    /// <summary>The format's name for a tensor type, or <see langword="null"/> if it has none.</summary>
    public static string? Name(ScalarType type) => s_names.GetValueOrDefault(type);
}
