namespace Spn.Models;

/// <summary>Guidance that can refine masks of a part of its image.</summary>
internal interface ICroppableGuidance : IGuidance
{
    /// <summary>
    /// The side in pixels of the cells of the deepest maps: parts begin and end at multiples of it, or at the border of the image.
    /// </summary>
    const int Cell = 32;

    /// <summary>Copies the guidance of a part of the image.</summary>
    /// <param name="top">Its first row.</param>
    /// <param name="left">Its first column.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="width">Its columns.</param>
    /// <returns>Guidance for masks of the part, which the caller disposes.</returns>
    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    IGuidance Crop(int top, int left, int height, int width);
}
