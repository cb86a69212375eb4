using OpenCvSharp;

namespace Spn.Evaluation.Methods;

/// <summary>
/// Blends a method with the coarse mask, as <see cref="EdgeGuidance.Strength"/> does, for a fair comparison.
/// </summary>
/// <param name="method">The method.</param>
/// <param name="strength">The weight of the method, 0..1; the coarse mask has the remaining weight.</param>
internal sealed class BlendedMethod(IMethod method, double strength) : IMethod
{
    public string Name => FormattableString.Invariant($"{strength} · {method.Name} + {1 - strength:0.##} · coarse mask");

    public IRefiner Open(Mat image) => new Blend(method.Open(image), strength);

    private sealed class Blend(IRefiner refiner, double strength) : IRefiner
    {
        public Mat Refine(Mat coarse)
        {
            using Mat refined = refiner.Refine(coarse);
            var result = new Mat();
            Cv2.AddWeighted(refined, strength, coarse, 1 - strength, 0, result);
            return result;
        }

        public void Dispose() => refiner.Dispose();
    }
}
