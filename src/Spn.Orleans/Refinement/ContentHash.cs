using System.IO.Hashing;

namespace Spn.Orleans.Refinement;

/// <summary>The hash of a file, as jobs and results hold it: XXH128 in 32 hexadecimal digits.</summary>
internal static class ContentHash
{
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(XxHash128.Hash(content));
}
