namespace Spn.Propagation;

/// <summary>Which neighbours in the previous row or column a pixel is connected to.</summary>
public enum GateConnection
{
    /// <summary>One gate, to the neighbour straight behind (the recursive filter of Liu et al., ECCV 2016).</summary>
    OneWay = 1,

    /// <summary>Three gates, to the neighbours at -1, 0 and +1 across the scan (SPN, Liu et al., NIPS 2017). A dense affinity.</summary>
    ThreeWay = 3,
}
