using System.Security.Cryptography;
using Spn.Guidance;
using Spn.Metrics;
using Spn.Tests.Packaging;
using Spn.Tests.Weights;
using Spn.Training;
using Spn.Weights;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Guidance;

/// <summary>The models inside the library: their files, who shares them, and that they refine.</summary>
public sealed class BuiltInModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public static TheoryData<string> Names => [nameof(SpnModel.Fast), nameof(SpnModel.Quality)];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory, MemberData(nameof(Names))]
    public void The_file_inside_is_the_one_its_card_describes(string name)
    {
        string folder = Path.Combine(Repository.Root(), "src", "Spn", "Models", name), resource = $"{name.ToLowerInvariant()}.safetensors";
        using Stream inside = typeof(SpnModel).Assembly.GetManifestResourceStream(resource)!;
        string hash = Convert.ToHexStringLower(SHA256.HashData(inside));
        Assert.Contains($"`{hash}`", File.ReadAllText(Path.Combine(folder, "MODEL_CARD.md")), StringComparison.Ordinal);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, resource));
        Assert.Equal((name, "MIT"), (file.Metadata["name"], file.Metadata["licence"]));
    }

    [Fact]
    public void All_refiners_share_one_that_no_copy_changes()
    {
        Assert.Equal("Fast", SpnModel.Fast.Name);
        IGuidance[] shared = new IGuidance[8];
        Parallel.For(0, shared.Length, i => shared[i] = SpnModel.Fast.On(torch.CPU));
        Assert.All(shared, one => Assert.Same(shared[0], one));

        float[] expected = Refined(SpnRefiner.Configure());
        SpnModel copy = SpnModel.Fast.Load();
        Assert.False(copy.training);
        Assert.NotSame(shared[0], copy);
        copy.train();
        using (torch.no_grad())
            copy.parameters().First().fill_(0);
        copy.Dispose();
        Assert.Equal(expected, Refined(SpnRefiner.Configure()));
    }

    [Fact]
    public void The_default_is_fast_and_a_saved_copy_refines_the_same()
    {
        string path = _folder.File("own.safetensors");
        using (SpnModel copy = SpnModel.Fast.Load())
            copy.Save(path);
        float[] expected = Refined(SpnRefiner.Configure());
        Assert.Equal(expected, Refined(SpnRefiner.Configure().WithGuidance(new EdgeGuidance()).WithModel(SpnModel.Fast)));
        Assert.Equal(expected, Refined(SpnRefiner.Configure().WithModel(path)));
        Assert.NotEqual(expected, Refined(SpnRefiner.Configure().WithGuidance(new EdgeGuidance())));
    }

    [Fact]
    public void A_model_from_a_file_is_loaded_at_once_and_serves_all_refiners_of_its_builder()
    {
        string path = _folder.File("own.safetensors");
        using (var model = new SpnModel(SpnConfiguration.Refiner with { GuidanceWidth = 4, MaskWidth = 4 }))
            model.Save(path);
        RefinerBuilder builder;
        using (torch.NewDisposeScope())
            builder = SpnRefiner.Configure().OnCpu().WithModel(path);
        File.Delete(path);

        Refiner first = builder.Build();
        using Refiner second = builder.Build();
        torch.Tensor image = torch.rand(3, 24, 32), mask = torch.rand(24, 32);
        float[] expected = Mask.ToArray(first.Refine(image, mask));
        first.Dispose();
        Assert.Equal(expected, Mask.ToArray(second.Refine(image, mask)));
    }

    [Fact]
    public void Bad_files_are_refused_before_anything_is_built()
    {
        RefinerBuilder builder = SpnRefiner.Configure();
        Assert.Throws<ArgumentNullException>("path", () => builder.WithModel((string)null!));
        Assert.Throws<ArgumentNullException>("model", () => builder.WithModel((BuiltInModel)null!));
        Assert.Throws<ArgumentException>("path", () => builder.WithModel(""));
        Assert.Throws<FileNotFoundException>(() => builder.WithModel(_folder.File("missing.safetensors")));
        Assert.Contains("noise.safetensors", Assert.Throws<InvalidDataException>(() => builder.WithModel(_folder.File("noise.safetensors", new byte[64]))).Message, StringComparison.Ordinal);
        Assert.NotEmpty(Refined(builder));
    }

    /// <summary>Scenes of a seed that no training used, with the coarse masks of every family that are wrong by more than rounding.</summary>
    [Theory, MemberData(nameof(Names))]
    public void It_improves_the_wrong_masks_of_new_scenes(string name)
    {
        var model = (BuiltInModel)typeof(SpnModel).GetProperty(name)!.GetValue(null)!;
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
        var model = (BuiltInModel)typeof(SpnModel).GetProperty(name)!.GetValue(null)!;
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
                float[] border = Mask.ToArray(refiner.Refine(image.narrow(3, 0, width), cut).narrow(3, width - 8, 8));
                looked += border.Length;
                wrong += border.Count(p => p >= 0.5f);
            }
        }
        Assert.True(looked > 20_000 && wrong < 0.004 * looked, $"{wrong} of {looked} pixels");
    }

    private static float[] Refined(RefinerBuilder builder)
    {
        using Refiner refiner = builder.OnCpu().Build();
        return Mask.ToArray(refiner.Refine(torch.linspace(0, 1, 3 * 24 * 32).reshape(3, 24, 32), torch.linspace(0, 1, 24 * 32).reshape(24, 32)));
    }
}
