using System.Collections.Frozen;

namespace Spn.Weights;

/// <summary>The element types of the format.</summary>
internal static class Dtypes
{
    private static readonly FrozenDictionary<string, int> s_bits = new Dictionary<string, int>
    {
        ["BOOL"] = 8,
        ["U8"] = 8,
        ["I8"] = 8,
        ["I16"] = 16,
        ["I32"] = 32,
        ["I64"] = 64,
        ["F16"] = 16,
        ["BF16"] = 16,
        ["F32"] = 32,
        ["F64"] = 64,
        ["C64"] = 64,
        ["U16"] = 16,
        ["U32"] = 32,
        ["U64"] = 64,
        ["F8_E4M3"] = 8,
        ["F8_E5M2"] = 8,
        ["F8_E8M0"] = 8,
        ["F8_E4M3FNUZ"] = 8,
        ["F8_E5M2FNUZ"] = 8,
        ["F6_E2M3"] = 6,
        ["F6_E3M2"] = 6,
        ["F4"] = 4,
    }.ToFrozenDictionary();

    /// <summary>The size of an element in bits, or <see langword="null"/> if the format does not define the name.</summary>
    public static int? Bits(string dtype) => s_bits.TryGetValue(dtype, out int bits) ? bits : null;
}
