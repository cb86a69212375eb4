namespace Spn.Propagation;

/// <summary>The neighbours in the previous row or column to which a pixel is connected.</summary>
public enum GateConnection
{
    /// <summary>One gate, to the neighbour directly behind the pixel (the recursive filter of Liu et al., ECCV 2016).</summary>
    OneWay = 1,

    /// <summary>
    /// Three gates, to the neighbours at -1, 0 and +1 across the scan (SPN, Liu et al., NIPS 2017). The affinity matrix is dense.
    /// </summary>
    ThreeWay = 3,
}
