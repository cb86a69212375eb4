using System.Collections.Frozen;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>The element types of safetensors files that TorchSharp has, too.</summary>
internal static class TensorDtypes
{
    private static readonly FrozenDictionary<string, ScalarType> s_types = new Dictionary<string, ScalarType>
    {
        ["BOOL"] = ScalarType.Bool,
        ["U8"] = ScalarType.Byte,
        ["I8"] = ScalarType.Int8,
        ["I16"] = ScalarType.Int16,
        ["I32"] = ScalarType.Int32,
        ["I64"] = ScalarType.Int64,
        ["F16"] = ScalarType.Float16,
        ["BF16"] = ScalarType.BFloat16,
        ["F32"] = ScalarType.Float32,
        ["F64"] = ScalarType.Float64,
        ["C64"] = ScalarType.ComplexFloat32,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<ScalarType, string> s_names = s_types.ToFrozenDictionary(type => type.Value, type => type.Key);

    /// <summary>The tensor type for a stored type, or <see langword="null"/> if TorchSharp has none.</summary>
    public static ScalarType? Of(string dtype) => s_types.TryGetValue(dtype, out ScalarType type) ? type : null;

    /// <summary>The format's name for a tensor type, or <see langword="null"/> if it has none.</summary>
    public static string? Name(ScalarType type) => s_names.GetValueOrDefault(type);
}
