using Spn.Models;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Models;

public sealed class SpnConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<SpnConfiguration, string> Impossible => new()
    {
        { new SpnConfiguration { Channels = 0 }, "Channels" },
        { new SpnConfiguration { Channels = 6 }, "Channels" },
        { new SpnConfiguration { Channels = 260 }, "Channels" },
        { new SpnConfiguration { Groups = 0 }, "Groups" },
        { new SpnConfiguration { Groups = 5 }, "Groups" },
        { new SpnConfiguration { Rounds = 0 }, "Rounds" },
        { new SpnConfiguration { Rounds = 17 }, "Rounds" },
        { new SpnConfiguration { Merge = DirectionMerge.None }, "Rounds" },
        { new SpnConfiguration { Merge = (DirectionMerge)9 }, "Merge" },
        { new SpnConfiguration { Normalization = GateNormalization.NormalizedSigmoid }, "Normalization" },
        { new SpnConfiguration { Guidance = (GuidanceKind)9 }, "Guidance" },
        { new SpnConfiguration { GuidanceWidth = 0 }, "GuidanceWidth" },
        { new SpnConfiguration { GuidanceWidth = 18 }, "GuidanceWidth" },
        { new SpnConfiguration { GuidanceWidth = 196 }, "GuidanceWidth" },
        { new SpnConfiguration { Propagation = (PropagationKind)9 }, "Propagation" },
        { new SpnConfiguration { Propagation = PropagationKind.Residual }, "Merge" },
        { new SpnConfiguration { WithoutPropagation = true }, "WithoutPropagation" },
        { new SpnConfiguration { Scales = 3 }, "Scales" },
        { SpnConfiguration.Fast with { Scales = 1 }, "Scales" },
        { SpnConfiguration.Fast with { Scales = 4 }, "Scales" },
        { SpnConfiguration.Fast with { MaskWidth = 0 }, "MaskWidth" },
        { SpnConfiguration.Fast with { MaskWidth = 6 }, "MaskWidth" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_makes_no_model_is_named(SpnConfiguration configuration, string name)
        => Assert.Throws<ArgumentException>(name, () => Seeded.Model(configuration));

    [Theory]
    [InlineData(false, false, 2)]
    [InlineData(true, false, 2)]
    [InlineData(false, true, 2)]
    [InlineData(false, false, 3)]
    public void What_is_unusual_is_in_the_file_and_else_nothing(bool without, bool mirrored, int scales)
    {
        SpnConfiguration configuration = SpnConfiguration.Fast with { WithoutPropagation = without, Mirrored = mirrored, Scales = scales };
        Dictionary<string, string> metadata = configuration.ToMetadata();
        Assert.Equal(
            (without, mirrored, scales == 3), (metadata.ContainsKey("spn.propagation.identity"), metadata.ContainsKey("spn.mirrored"), metadata.ContainsKey("spn.scales")));
        Assert.Equal(configuration, SpnConfiguration.FromMetadata(metadata) with { Groups = configuration.Groups });
    }

    [Theory]
    [InlineData("spn.version", "2", "spn.version")]
    [InlineData("spn.version", null, "spn.version")]
    [InlineData("spn.channels", "many", "spn.channels")]
    [InlineData("spn.channels", "-4", "spn.channels")]
    [InlineData("spn.channels", "1000000000", "Channels")]
    [InlineData("spn.groups", "3", "Groups")]
    [InlineData("spn.rounds", "99", "Rounds")]
    [InlineData("spn.guidance", "1", "spn.guidance")]
    [InlineData("spn.guidance", "vgg", "spn.guidance")]
    [InlineData("spn.normalization", "NormalizedSigmoid", "Normalization")]
    [InlineData("spn.merge", "None", "Rounds")]
    [InlineData("spn.channels", "32", "do not fit")]
    [InlineData("spn.guidance", "Vgg16", "do not fit")]
    [InlineData("spn.guidance.width", "32", "do not fit")]
    [InlineData("spn.propagation", "Residual", "Merge")]
    [InlineData("spn.mask.width", "5", "MaskWidth")]
    [InlineData("spn.scales", "three", "spn.scales")]
    [InlineData("spn.scales", "3", "Scales")]
    [InlineData("spn.mirrored", "True", "spn.mirrored")]
    [InlineData("spn.propagation.identity", "1", "spn.propagation.identity")]
    public void A_file_that_describes_no_model_is_refused(string key, string? value, string reason)
    {
        string path = _folder.File("m.safetensors");
        using var model = Seeded.Model();
        Dictionary<string, string> metadata = model.Configuration.ToMetadata();
        if (value is null)
            metadata.Remove(key);
        else
            metadata[key] = value;
        model.SaveWeights(path, metadata);

        string message = Assert.Throws<InvalidDataException>(() => SpnModule.Load(path)).Message;
        Assert.Contains(path, message);
        Assert.Contains(reason, message);
    }

    [Fact]
    public void A_file_of_tensors_alone_is_refused()
    {
        string path = _folder.File("m.safetensors");
        using torch.Tensor tensor = torch.ones(1);
        SafetensorsWriter.Write(path, new Dictionary<string, torch.Tensor> { ["a"] = tensor });
        Assert.Contains("spn.version", Assert.Throws<InvalidDataException>(() => SpnModule.Load(path)).Message);
        Assert.Throws<FileNotFoundException>(() => SpnModule.Load(_folder.File("none")));
    }
}
