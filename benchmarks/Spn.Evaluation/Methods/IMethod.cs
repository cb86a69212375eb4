using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>A refinement method under test.</summary>
internal interface IMethod
{
    string Name { get; }

    /// <summary>Looks at the photo (8-bit BGR) once, for any number of masks.</summary>
    IRefiner Open(Mat image);
}

/// <summary>A method that has seen a photo.</summary>
internal interface IRefiner : IDisposable
{
    /// <summary>What the last mask's time holds of work on the photo alone, where the method looks at it again for every mask.</summary>
    TimeSpan Looking => TimeSpan.Zero;

    /// <summary>Coarse mask, float 0..1 → refined mask, float 0..1.</summary>
    Mat Refine(Mat coarse);
}
