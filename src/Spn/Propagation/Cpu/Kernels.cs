using System.Numerics;

namespace Spn.Propagation.Cpu;

/// <summary>From a call's options to the kernel compiled for them.</summary>
internal static unsafe class Kernels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static delegate*<void*, int, void> Forward(SimdLevel level, GateNormalization rule, GateConnection connection, bool xGate) => level switch
    {
        SimdLevel.V512 => ForRule<Lanes512<T>>(false, rule, connection, xGate),
        SimdLevel.V256 => ForRule<Lanes256<T>>(false, rule, connection, xGate),
        SimdLevel.V128 => ForRule<Lanes128<T>>(false, rule, connection, xGate),
        _ => ForRule<LanesScalar<T>>(false, rule, connection, xGate),
    };

    public static delegate*<void*, int, void> Backward(SimdLevel level, GateNormalization rule, GateConnection connection, bool xGate) => level switch
    {
        SimdLevel.V512 => ForRule<Lanes512<T>>(true, rule, connection, xGate),
        SimdLevel.V256 => ForRule<Lanes256<T>>(true, rule, connection, xGate),
        SimdLevel.V128 => ForRule<Lanes128<T>>(true, rule, connection, xGate),
        _ => ForRule<LanesScalar<T>>(true, rule, connection, xGate),
    };

    public static delegate*<void*, int, void> Merge(SimdLevel level) => level switch
    {
        SimdLevel.V512 => &MergePass<T, Lanes512<T>>.RunUnit,
        SimdLevel.V256 => &MergePass<T, Lanes256<T>>.RunUnit,
        SimdLevel.V128 => &MergePass<T, Lanes128<T>>.RunUnit,
        _ => &MergePass<T, LanesScalar<T>>.RunUnit,
    };

    public static delegate*<void*, int, void> Sum(SimdLevel level) => level switch
    {
        SimdLevel.V512 => &SumPass<T, Lanes512<T>>.RunUnit,
        SimdLevel.V256 => &SumPass<T, Lanes256<T>>.RunUnit,
        SimdLevel.V128 => &SumPass<T, Lanes128<T>>.RunUnit,
        _ => &SumPass<T, LanesScalar<T>>.RunUnit,
    };

    private static delegate*<void*, int, void> ForRule<V>(bool backward, GateNormalization rule, GateConnection connection, bool xGate)
        where V : unmanaged, ILanes<V, T> => rule switch
        {
            GateNormalization.None => ForConnection<V, NoRule>(backward, connection, xGate),
            GateNormalization.Clamped => ForConnection<V, ClampedRule>(backward, connection, xGate),
            GateNormalization.AbsSum => ForConnection<V, AbsSumRule>(backward, connection, xGate),
            GateNormalization.Softmax => ForConnection<V, SoftmaxRule>(backward, connection, xGate),
            GateNormalization.NormalizedSigmoid => ForConnection<V, SigmoidShareRule>(backward, connection, xGate),
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "Not a gate normalization."),
        };

    private static delegate*<void*, int, void> ForConnection<V, TRule>(bool backward, GateConnection connection, bool xGate)
        where V : unmanaged, ILanes<V, T>
        where TRule : IGateRule
        => connection == GateConnection.ThreeWay ? ForXGate<V, TRule, On>(backward, xGate) : ForXGate<V, TRule, Off>(backward, xGate);

    private static delegate*<void*, int, void> ForXGate<V, TRule, TThreeWay>(bool backward, bool xGate)
        where V : unmanaged, ILanes<V, T>
        where TRule : IGateRule
        where TThreeWay : IFlag
        => (backward, xGate) switch
        {
            (false, false) => &ForwardScan<T, V, TRule, TThreeWay, Off>.Run,
            (false, true) => &ForwardScan<T, V, TRule, TThreeWay, On>.Run,
            (true, false) => &BackwardScan<T, V, TRule, TThreeWay, Off>.Run,
            (true, true) => &BackwardScan<T, V, TRule, TThreeWay, On>.Run,
        };
}
