namespace Spn.Models;

/// <summary>A method that can refine an image tile by tile, so that a refiner can bound its memory.</summary>
public interface ITiledMethod : IRefinementMethod
{
    /// <summary>
    /// 64: tiles begin and end at multiples of this many pixels, or at the border of the image, so that the cells of networks lie on the
    /// same pixels as in the whole image.
    /// </summary>
    const int Grid = 64;

    /// <summary>The method for the tiles of one image. What depends on the whole image, such as its contrast, is decided here.</summary>
    /// <param name="image">The whole image, <c>[3, height, width]</c>, RGB in 0..1. It is valid during the call only.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    IRefinementMethod ForTilesOf(ReadOnlySpan<float> image, int width, int height);

    /// <summary>
    /// The number of pixels around a tile that must be processed with it, so that its refined masks differ from those of the whole image
    /// by a few grey levels of 255 in single pixels at most.
    /// </summary>
    /// <param name="width">Pixels per row of the whole image.</param>
    /// <param name="height">Rows of the whole image.</param>
    int Margin(int width, int height);
}
