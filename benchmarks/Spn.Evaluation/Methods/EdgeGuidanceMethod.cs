using OpenCvSharp;
using Spn.Guidance;
using TorchSharp;

namespace Spn.Evaluation.Methods;

/// <summary>This library's <see cref="EdgeGuidance"/>.</summary>
internal sealed class EdgeGuidanceMethod(EdgeGuidance guidance) : IMethod
{
    private static readonly EdgeGuidance s_defaults = new();

    public string Name => guidance == s_defaults
        ? "EdgeGuidance (defaults)"
        : FormattableString.Invariant($"EdgeGuidance (reach {guidance.Reach}, threshold {guidance.EdgeThreshold}, strength {guidance.Strength}, {guidance.Rounds} rounds)");

    public IRefiner Open(Mat image)
    {
        using var scope = torch.NewDisposeScope();
        using Mat colours = new();
        image.ConvertTo(colours, MatType.CV_32FC3, 1 / 255.0);
        Mat[] planes = colours.Split(); // blue, green, red
        float[] pixels = [.. planes.Reverse().SelectMany(Pixels)];
        foreach (Mat plane in planes)
            plane.Dispose();
        torch.Tensor photo = torch.tensor(pixels, [1, 3, image.Height, image.Width]);
        torch.Tensor gates = guidance.Guide(photo).DetachFromDisposeScope();
        return new Refiner(guidance, gates);
    }

    private static float[] Pixels(Mat map)
    {
        map.GetArray(out float[] pixels);
        return pixels;
    }

    private sealed class Refiner(EdgeGuidance guidance, torch.Tensor gates) : IRefiner
    {
        public Mat Refine(Mat coarse)
        {
            using var scope = torch.NewDisposeScope();
            torch.Tensor mask = torch.tensor(Pixels(coarse), [1, 1, coarse.Height, coarse.Width]);
            float[] refined = guidance.Propagate(gates, mask).data<float>().ToArray();
            using Mat view = Mat.FromPixelData(coarse.Height, coarse.Width, MatType.CV_32FC1, refined);
            return view.Clone();
        }

        public void Dispose() => gates.Dispose();
    }
}
