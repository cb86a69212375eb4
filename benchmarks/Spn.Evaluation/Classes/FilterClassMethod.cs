using OpenCvSharp;
using Spn.Evaluation.Methods;

namespace Spn.Evaluation.Classes;

/// <summary>A filter of single masks that refines each class as if it were alone.</summary>
/// <param name="filter">The filter.</param>
internal sealed class FilterClassMethod(IMethod filter) : IClassMethod
{
    private readonly NetworkMethod _network = new();

    public string Name => filter.Name;

    public ClassProbabilities Refine(ClassPhoto photo)
    {
        float[] planes = [.. _network.Refine(photo).Pixels];
        (int width, int height) = (photo.Image.Width, photo.Image.Height);
        int plane = width * height;
        using IRefiner refiner = filter.Open(photo.Image);
        for (int k = 0; k < photo.Coarse.Classes; k++)
        {
            using Mat coarse = Mat.FromPixelData(height, width, MatType.CV_32FC1, planes[(k * plane)..((k + 1) * plane)]);
            using Mat refined = refiner.Refine(coarse);
            refined.GetArray(out float[] pixels);
            pixels.CopyTo(planes, k * plane);
        }
        return ClassProbabilities.FromPixels(planes, photo.Coarse.Classes, width, height);
    }
}
