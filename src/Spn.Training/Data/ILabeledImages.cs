namespace Spn.Training;

/// <summary>A source of training images, such as procedural scenes or a folder of photos. Implementations must be thread-safe.</summary>
public interface ILabeledImages
{
    /// <summary>Returns the image with a number. The same number always gives the same image, independent of earlier calls.</summary>
    /// <param name="number">Any number. Folders repeat their images; scenes never repeat.</param>
    LabeledImage Image(ulong number);
}
