using Spn.Imaging;

namespace Spn.Evaluation.Classes;

/// <summary>No refinement: the network's probabilities, interpolated bilinearly. The baseline that every method must exceed.</summary>
internal sealed class NetworkMethod : IClassMethod
{
    public string Name => "network, bilinear";

    public ClassProbabilities Refine(ClassPhoto photo)
    {
        ClassProbabilities coarse = photo.Coarse;
        (int width, int height) = (photo.Image.Width, photo.Image.Height);
        int plane = coarse.Width * coarse.Height, size = width * height;
        float[] planes = new float[coarse.Classes * size];
        var whole = new PlaneResize.Region(0, 0, coarse.Width, coarse.Height);
        for (int k = 0; k < coarse.Classes; k++)
        {
            int first = k * plane;
            PlaneResize.Resample(
                y => coarse.Pixels.Slice(first + y * coarse.Width, coarse.Width), coarse.Width, coarse.Height, whole,
                planes.AsSpan(k * size, size), width, height);
        }
        return ClassProbabilities.FromPixels(planes, coarse.Classes, width, height);
    }
}
