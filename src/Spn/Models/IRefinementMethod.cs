namespace Spn.Models;

/// <summary>A method that looks at an image once and then refines any number of its masks. Implementations must be thread-safe.</summary>
public interface IRefinementMethod
{
    /// <summary>
    /// The size in pixels (width · height) of the images that the method was made for. A refiner first refines a smaller copy of an image
    /// with twice as many pixels or more. <see langword="null"/>, the default, if the method works at any size; otherwise 1 or more.
    /// </summary>
    long? TrainedPixels => null;

    /// <summary>The guidance pass.</summary>
    /// <param name="image"><c>[3, height, width]</c>, RGB in 0..1. It is valid during the call only.</param>
    /// <param name="width">Pixels per row, 1 or more.</param>
    /// <param name="height">Rows, 1 or more.</param>
    /// <returns>What the propagation of masks needs. The caller disposes it.</returns>
    IGuidance Guide(ReadOnlySpan<float> image, int width, int height);

    /// <summary>The same method, which uses at most so many threads per call. By default the method itself.</summary>
    /// <param name="threads">1 or more.</param>
    IRefinementMethod WithMaxThreads(int threads) => this;
}
