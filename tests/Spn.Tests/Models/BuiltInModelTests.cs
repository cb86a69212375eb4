using System.Security.Cryptography;
using Spn.Models;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Models;

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
        using Stream inside = typeof(SpnModule).Assembly.GetManifestResourceStream(resource)!;
        string hash = Convert.ToHexStringLower(SHA256.HashData(inside));
        Assert.Contains($"`{hash}`", File.ReadAllText(Path.Combine(folder, "MODEL_CARD.md")), StringComparison.Ordinal);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, resource));
        Assert.Equal((name, "MIT"), (file.Metadata["name"], file.Metadata["licence"]));
    }

    [Fact]
    public void No_copy_changes_a_built_in_model()
    {
        Assert.Equal("Fast", SpnModel.Fast.Name);
        float[] expected = Refined(SpnRefiner.Configure());
        SpnModule copy = SpnModule.From(SpnModel.Fast);
        Assert.False(copy.training);
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
        using (SpnModule copy = SpnModule.From(SpnModel.Fast))
            copy.Save(path);
        float[] expected = Refined(SpnRefiner.Configure());
        Assert.Equal(expected, Refined(SpnRefiner.Configure().WithMethod(new EdgeGuidance()).WithModel(SpnModel.Fast)));
        Assert.Equal(expected, Refined(SpnRefiner.Configure().WithModel(path)));
        Assert.NotEqual(expected, Refined(SpnRefiner.Configure().WithMethod(new EdgeGuidance())));
    }

    [Fact]
    public void A_model_from_a_file_is_loaded_at_once_and_serves_all_refiners_of_its_builder()
    {
        string path = _folder.File("own.safetensors");
        using (var model = Seeded.Model(SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 4 }))
            model.Save(path);
        RefinerBuilder builder;
        using (torch.NewDisposeScope())
            builder = SpnRefiner.Configure().OnCpu().WithModel(path);
        File.Delete(path);

        Refiner first = builder.Build();
        using Refiner second = builder.Build();
        torch.Tensor image = Seeded.Rand(1, [3, 24, 32]), mask = Seeded.Rand(2, [24, 32]);
        float[] expected = TensorPixels.ToArray(first.Refine(image, mask));
        first.Dispose();
        Assert.Equal(expected, TensorPixels.ToArray(second.Refine(image, mask)));
    }

    [Fact]
    public void Bad_files_are_refused_before_anything_is_built()
    {
        RefinerBuilder builder = SpnRefiner.Configure();
        Assert.Throws<ArgumentNullException>("path", () => builder.WithModel((string)null!));
        Assert.Throws<ArgumentNullException>("model", () => builder.WithModel((SpnModel)null!));
        Assert.Throws<ArgumentException>("path", () => builder.WithModel(""));
        Assert.Throws<FileNotFoundException>(() => builder.WithModel(_folder.File("missing.safetensors")));
        Assert.Contains("noise.safetensors", Assert.Throws<InvalidDataException>(() => builder.WithModel(_folder.File("noise.safetensors", new byte[64]))).Message, StringComparison.Ordinal);
        Assert.NotEmpty(Refined(builder));
    }

    private static float[] Refined(RefinerBuilder builder)
    {
        using Refiner refiner = builder.OnCpu().Build();
        return TensorPixels.ToArray(refiner.Refine(torch.linspace(0, 1, 3 * 24 * 32).reshape(3, 24, 32), torch.linspace(0, 1, 24 * 32).reshape(24, 32)));
    }
}
