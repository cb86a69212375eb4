namespace Spn.Models;

/// <summary>A method that knows how much memory a call takes.</summary>
internal interface IMemoryEstimate
{
    /// <summary>Bytes for guidance and propagation of one image, besides the image and its masks.</summary>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="masks">The number of masks.</param>
    long RequiredBytes(int width, int height, int masks);
}
