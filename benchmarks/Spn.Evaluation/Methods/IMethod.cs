using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>A refinement method to evaluate.</summary>
internal interface IMethod
{
    string Name { get; }

    /// <summary>Processes a photo (8-bit BGR) once, for any number of masks.</summary>
    IRefiner Open(Mat image);
}

/// <summary>A method that has processed a photo.</summary>
internal interface IRefiner : IDisposable
{
    /// <summary>
    /// The part of the last mask's time that was spent on the photo alone, if the method processes the photo again for every mask.
    /// </summary>
    TimeSpan PhotoTime => TimeSpan.Zero;

    /// <summary>Refines a coarse mask, float 0..1, to a mask of the same type.</summary>
    Mat Refine(Mat coarse);
}
