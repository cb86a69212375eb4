using OpenCvSharp;
using Spn.Segmentation;

namespace Spn.Evaluation.Methods;

/// <summary>The fully connected CRF (Krähenbühl and Koltun, 2011) with object and background as its two classes.</summary>
/// <param name="setting">The name of the setting.</param>
/// <param name="options">The setting.</param>
internal sealed class DenseCrfMethod(string setting, DenseCrfOptions options) : IMethod
{
    private readonly DenseCrf _crf = new(options);

    public string Name => $"dense CRF ({setting})";

    public IRefiner Open(Mat image) => new Opened(_crf, image.ToInput());

    private sealed class Opened(DenseCrf crf, ImageInput image) : IRefiner
    {
        public Mat Refine(Mat coarse)
        {
            coarse.GetArray(out float[] pixels);
            Mask refined = crf.Refine(image, Mask.Load(MaskInput.FromPixels(pixels, coarse.Width, coarse.Height)));
            using Mat view = Mat.FromPixelData(refined.Height, refined.Width, MatType.CV_32FC1, refined.Pixels.ToArray());
            return view.Clone();
        }

        public void Dispose()
        {
        }
    }
}
