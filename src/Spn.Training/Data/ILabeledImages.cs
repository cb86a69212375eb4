namespace Spn.Training;

/// <summary>Where training images come from: scenes made on the spot, or photos of a folder.</summary>
public interface ILabeledImages
{
    /// <summary>The image of a number. The same number gives the same image, whatever was asked before; safe from several threads at once.</summary>
    /// <param name="number">Any number: a folder counts round and round, scenes never repeat.</param>
    LabeledImage Image(ulong number);
}
