namespace Spn.Propagation;

/// <summary>The directions in which the propagation scans the map. Guidance stores the selected directions in this order.</summary>
[Flags]
public enum ScanDirections
{
    /// <summary>No direction; not valid for a propagation.</summary>
    None = 0,

    /// <summary>Column by column; each pixel depends on its left neighbours.</summary>
    LeftToRight = 1,

    /// <summary>Column by column; each pixel depends on its right neighbours.</summary>
    RightToLeft = 2,

    /// <summary>Row by row; each pixel depends on its upper neighbours.</summary>
    TopToBottom = 4,

    /// <summary>Row by row; each pixel depends on its lower neighbours.</summary>
    BottomToTop = 8,

    /// <summary>All four directions.</summary>
    All = LeftToRight | RightToLeft | TopToBottom | BottomToTop,
}
