namespace Spn.Propagation;

/// <summary>The directions in which the propagation scans the map. Guidance holds the chosen ones in this order.</summary>
[Flags]
public enum ScanDirections
{
    /// <summary>No direction; not a valid choice for a propagation.</summary>
    None = 0,

    /// <summary>Column by column, each from its left neighbours.</summary>
    LeftToRight = 1,

    /// <summary>Column by column, each from its right neighbours.</summary>
    RightToLeft = 2,

    /// <summary>Row by row, each from its upper neighbours.</summary>
    TopToBottom = 4,

    /// <summary>Row by row, each from its lower neighbours.</summary>
    BottomToTop = 8,

    /// <summary>All four.</summary>
    All = LeftToRight | RightToLeft | TopToBottom | BottomToTop,
}
