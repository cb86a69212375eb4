using TorchSharp;

namespace Spn.Torch;

/// <summary>Constants for tensor operations, which live as long as the process.</summary>
/// <remarks>
/// TorchSharp creates a <see cref="Scalar"/> for every number that is passed to a tensor operation, but does not keep it alive during the
/// native call. The garbage collector may therefore free it too early, which causes wrong results or a crash. Even <c>a + b</c> of two
/// tensors creates one, its factor 1. BannedSymbols.txt therefore forbids these operations in this library. Use one of these constants
/// instead (<c>a.add(b, Scalars.One)</c>), keep <c>number.ToScalar()</c> in a static field or a <c>using</c>, or call methods that take
/// only tensors (mul, div, sub).
/// </remarks>
internal static class Scalars
{
    /// <summary>0.</summary>
    public static readonly Scalar Zero = 0L.ToScalar();

    /// <summary>1.</summary>
    public static readonly Scalar One = 1L.ToScalar();

    /// <summary>0.5.</summary>
    public static readonly Scalar Half = 0.5.ToScalar();
}
