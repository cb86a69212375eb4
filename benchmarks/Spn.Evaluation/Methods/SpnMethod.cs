using OpenCvSharp;
using Spn.Models;

namespace Spn.Evaluation.Methods;

/// <summary>This library as users call it: a refiner on the best device with a method.</summary>
internal sealed class SpnMethod : IMethod
{
    private readonly Refiner _refiner;

    /// <param name="name">The name in reports.</param>
    /// <param name="method">A model, or a method without training.</param>
    /// <param name="cascade">Whether a model refines a downscaled copy of a large photo first.</param>
    public SpnMethod(string name, IRefinementMethod method, bool cascade = true)
    {
        RefinerBuilder builder = SpnRefiner.Configure().WithMethod(method);
        (Name, _refiner) = (name, (cascade ? builder : builder.WithoutCoarsePass()).Build());
    }

    public string Name { get; }

    public IRefiner Open(Mat image) => new Opened(_refiner, image.ToInput());

    private sealed class Opened(Refiner refiner, ImageInput image) : IRefiner
    {
        public TimeSpan PhotoTime { get; private set; }

        public Mat Refine(Mat coarse)
        {
            coarse.GetArray(out float[] pixels);
            Mask refined = refiner.Refine(image, MaskInput.FromPixels(pixels, coarse.Width, coarse.Height), out RefineReport report);
            PhotoTime = report.Timings.Input + report.Timings.Guidance;
            using Mat view = Mat.FromPixelData(refined.Height, refined.Width, MatType.CV_32FC1, refined.Pixels.ToArray());
            return view.Clone();
        }

        public void Dispose()
        {
        }
    }
}
