using System.Numerics;
using Spn.Simd;

namespace Spn.Propagation.Cpu;

/// <summary>Selects the kernel for the options of a call.</summary>
internal static unsafe class Kernels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static delegate*<void*, int, void> Forward(SimdLevel level, GateNormalization rule, GateConnection connection, bool inputGate)
        => SimdDispatch.Choose<T, ScanKernel>(level, new ScanKernel(false, rule, connection, inputGate));

    public static delegate*<void*, int, void> Backward(SimdLevel level, GateNormalization rule, GateConnection connection, bool inputGate)
        => SimdDispatch.Choose<T, ScanKernel>(level, new ScanKernel(true, rule, connection, inputGate));

    public static delegate*<void*, int, void> Merge(SimdLevel level) => SimdDispatch.Choose<T, MergeKernel>(level, default);

    public static delegate*<void*, int, void> Sum(SimdLevel level) => SimdDispatch.Choose<T, SumKernel>(level, default);

    private readonly struct MergeKernel : ISimdKernel<T>
    {
        public delegate*<void*, int, void> For<V>()
            where V : unmanaged, ISimdVector<V, T>
            => &MergePass<T, V>.RunUnit;
    }

    private readonly struct SumKernel : ISimdKernel<T>
    {
        public delegate*<void*, int, void> For<V>()
            where V : unmanaged, ISimdVector<V, T>
            => &SumPass<T, V>.RunUnit;
    }

    private readonly struct ScanKernel(bool backward, GateNormalization rule, GateConnection connection, bool inputGate) : ISimdKernel<T>
    {
        public delegate*<void*, int, void> For<V>()
            where V : unmanaged, ISimdVector<V, T>
            => rule switch
            {
                GateNormalization.None => ForConnection<V, NoRule>(),
                GateNormalization.Clamped => ForConnection<V, ClampedRule>(),
                GateNormalization.AbsSum => ForConnection<V, AbsSumRule>(),
                GateNormalization.Softmax => ForConnection<V, SoftmaxRule>(),
                GateNormalization.NormalizedSigmoid => ForConnection<V, NormalizedSigmoidRule>(),
                _ => throw new InvalidOperationException($"{rule} is not a gate normalization."),
            };

        private delegate*<void*, int, void> ForConnection<V, TRule>()
            where V : unmanaged, ISimdVector<V, T>
            where TRule : IGateRule
            => connection == GateConnection.ThreeWay ? ForInputGate<V, TRule, On>() : ForInputGate<V, TRule, Off>();

        private delegate*<void*, int, void> ForInputGate<V, TRule, TThreeWay>()
            where V : unmanaged, ISimdVector<V, T>
            where TRule : IGateRule
            where TThreeWay : IFlag
            => (backward, inputGate) switch
            {
                (false, false) => &ForwardScan<T, V, TRule, TThreeWay, Off>.Run,
                (false, true) => &ForwardScan<T, V, TRule, TThreeWay, On>.Run,
                (true, false) => &BackwardScan<T, V, TRule, TThreeWay, Off>.Run,
                (true, true) => &BackwardScan<T, V, TRule, TThreeWay, On>.Run,
            };
    }
}
