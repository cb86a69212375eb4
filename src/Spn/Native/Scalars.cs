using TorchSharp;

namespace Spn.Native;

/// <summary>Numbers for tensor operations, alive as long as the process.</summary>
/// <remarks>
/// TorchSharp makes a <see cref="Scalar"/> of every number given to a tensor operation and does not keep it alive during the native call, so
/// the garbage collector may free it there: wrong results or a crash. Even <c>a + b</c> of two tensors makes one, its factor 1. Hence
/// BannedSymbols.txt refuses those operations in this library: pass one of these (<c>a.add(b, Scalars.One)</c>), keep
/// <c>number.ToScalar()</c> in a static field or a <c>using</c>, or call what takes tensors alone (mul, div, sub).
/// </remarks>
internal static class Scalars
{
    /// <summary>1.</summary>
    public static readonly Scalar One = 1L.ToScalar();

    /// <summary>0.5.</summary>
    public static readonly Scalar Half = 0.5.ToScalar();
}
