using Spn.Metrics;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Training.Tests.Models;

/// <summary>The built-in models on procedural scenes of a seed that no training used.</summary>
public sealed class BuiltInModelSceneTests : IDisposable
{
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public static TheoryData<string> Names => [nameof(SpnModel.Fast), nameof(SpnModel.Quality)];

    public void Dispose() => _scope.Dispose();

    /// <summary>Scenes of a seed that no training used, with the coarse masks of every family that are wrong by more than rounding.</summary>
    [Theory, MemberData(nameof(Names))]
    public void It_improves_the_wrong_masks_of_new_scenes(string name)
    {
        SpnModel model = name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast;
        SceneGenerator scenes = new(seed: 20_170);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
        List<(double Before, double After)> overlaps = [];
        for (ulong i = 0; i < 40; i++)
        {
            LabeledImage scene = scenes.Image(i);
            float[] coarse = CoarseMasks.Make(scene, seed: i);
            BinaryMask truth = BinaryMask.From(scene.Mask, scene.Width, scene.Height);
            double before = MaskMetrics.IoU(BinaryMask.From(coarse, scene.Width, scene.Height), truth);
            if (before > 0.97)
                continue;
            ImageInput image = ImageInput.FromPixels(scene.Rgb, scene.Width, scene.Height, PixelFormat.Rgb24);
            Mask refined = refiner.Refine(image, MaskInput.FromPixels(coarse, scene.Width, scene.Height));
            overlaps.Add((before, MaskMetrics.IoU(BinaryMask.From(refined.Pixels, scene.Width, scene.Height), truth)));
        }
        (double meanBefore, double meanAfter) = (overlaps.Average(o => o.Before), overlaps.Average(o => o.After));
        Assert.True(overlaps.Count > 10 && 1 - meanAfter < 0.75 * (1 - meanBefore), $"{overlaps.Count} masks, mean IoU {meanBefore:F3} before, {meanAfter:F3} after");
    }

    /// <summary>Training crops halve evenly; photos do not. Widths that need padding must not make objects of the right border.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Nothing_appears_at_a_border_that_no_mask_touches(string name)
    {
        SpnModel model = name == SpnModel.Quality.Name ? SpnModel.Quality : SpnModel.Fast;
        SceneGenerator scenes = new(seed: 20_170);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(model).Build();
        (int looked, int wrong) = (0, 0);
        foreach (ulong i in new ulong[] { 4, 8, 19, 27, 29, 33 })
        {
            LabeledImage scene = scenes.Image(i);
            torch.Tensor image = ImageInput.FromPixels(scene.Rgb, scene.Width, scene.Height, PixelFormat.Rgb24).ToTensor(scene.Mask.Length);
            torch.Tensor coarse = torch.tensor(CoarseMasks.Make(scene, seed: i), 1, 1, scene.Height, scene.Width);
            foreach (int width in new[] { 242, 246, 250, 254 })
            {
                torch.Tensor cut = coarse.narrow(3, 0, width);
                if (cut.narrow(3, width - 40, 40).max().item<float>() > 0.3f)
                    continue;
                float[] border = TensorPixels.ToArray(refiner.Refine(image.narrow(3, 0, width), cut).narrow(3, width - 8, 8));
                looked += border.Length;
                wrong += border.Count(p => p >= 0.5f);
            }
        }
        Assert.True(looked > 20_000 && wrong < 0.004 * looked, $"{wrong} of {looked} pixels");
    }
}
