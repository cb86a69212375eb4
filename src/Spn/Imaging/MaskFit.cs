namespace Spn;

/// <summary>Which part of the image a mask of another size covers.</summary>
public enum MaskFit
{
    /// <summary>The whole image, with the image's proportions to within one pixel of the mask.</summary>
    Proportional,

    /// <summary>
    /// The whole image, whatever the proportions: the image was stretched to the network's input (U2-Net, most square inputs).
    /// </summary>
    Stretch,

    /// <summary>
    /// The image was scaled to fit into the mask's size, with equal padding on both sides (YOLO's letterbox). The padding is ignored.
    /// </summary>
    Letterbox,

    /// <summary>
    /// The image was scaled to fit into the mask's size, with padding at the right or at the bottom only (SAM). The padding is ignored.
    /// </summary>
    LetterboxTopLeft,
}
