using System.Numerics;

namespace Spn.Simd;

/// <summary>A kernel that is written once and compiled for every vector width.</summary>
internal unsafe interface ISimdKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The kernel's unit of work (state, unit number), compiled for one vector type.</summary>
    delegate*<void*, int, void> For<V>()
        where V : unmanaged, ISimdVector<V, T>;
}

/// <summary>The one place where a level of the SIMD ladder becomes a vector type.</summary>
internal static unsafe class SimdDispatch
{
    /// <summary>The kernel compiled for a level.</summary>
    public static delegate*<void*, int, void> Choose<T, TKernel>(SimdLevel level, in TKernel kernel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TKernel : struct, ISimdKernel<T>
        => level switch
        {
            SimdLevel.V512 => kernel.For<Simd512<T>>(),
            SimdLevel.V256 => kernel.For<Simd256<T>>(),
            SimdLevel.V128 => kernel.For<Simd128<T>>(),
            _ => kernel.For<SimdScalar<T>>(),
        };
}
