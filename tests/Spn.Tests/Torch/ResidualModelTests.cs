using Spn.Models;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;

namespace Spn.Tests.Torch;

/// <summary>The learned refiner's form of the model: <see cref="PropagationKind.Residual"/>.</summary>
public sealed class ResidualModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Any_image_size_works(int scales)
    {
        using SpnModule model = Stirred(SpnConfiguration.Fast with { Scales = scales });
        foreach ((int height, int width) in new[] { (1, 1), (1, 7), (9, 1), (2, 2), (3, 5), (33, 47), (32, 64), (65, 40) })
        {
            torch.Tensor guidance = model.Guide(Seeded.Rand(1, [2, 3, height, width]));
            torch.Tensor refined = model.Propagate(guidance, Seeded.Rand(2, [2, 3, height, width]));
            Assert.Equal([2, 48 + 20 + 32, (height + 1) / 2, (width + 1) / 2], guidance.shape);
            Assert.Equal([2, 3, height, width], refined.shape);
            Assert.InRange(refined.min().item<float>(), 0, 1);
            Assert.InRange(refined.max().item<float>(), 0, 1);
        }
    }

    [Fact]
    public void An_untrained_model_leaves_a_mask_nearly_as_it_is()
    {
        using SpnModule model = Ready(SpnConfiguration.Fast);
        torch.Tensor mask = torch.nn.functional.interpolate(Seeded.Rand(3, [1, 1, 5, 5]), [40, 50], mode: torch.InterpolationMode.Bilinear, align_corners: false);
        torch.Tensor refined = model.Propagate(model.Guide(Seeded.Rand(4, [1, 3, 40, 50])), mask);
        Assert.InRange(refined.sub(mask).abs().max().item<float>(), 0, 0.1f);
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(1, 2)]
    [InlineData(4, 3)]
    public void Masks_in_one_call_are_masks_in_single_calls(int groups, int scales)
    {
        const int Masks = 11;
        using SpnModule model = Stirred(SpnConfiguration.Fast with { Groups = groups, Scales = scales });
        torch.Tensor guidance = model.Guide(Seeded.Rand(5, [2, 3, 18, 23])), masks = Seeded.Rand(6, [2, Masks, 18, 23]);
        torch.Tensor together = model.Propagate(guidance, masks);
        for (int k = 0; k < Masks; k++)
        {
            torch.Tensor single = model.Propagate(guidance, masks.narrow(1, k, 1)), difference = together.narrow(1, k, 1).sub(single);
            Assert.InRange(difference.abs().max().item<float>(), 0, 1e-5f);
        }
    }

    [Fact]
    public void A_mirrored_model_takes_the_mean_of_both_views()
    {
        using SpnModule model = Stirred(SpnConfiguration.Fast);
        string path = _folder.File("mirrored.safetensors");
        model.SaveWeights(path, (model.Configuration with { Mirrored = true }).ToMetadata());
        using SpnModule mirrored = SpnModule.Load(path);
        Assert.True(mirrored.Configuration.Mirrored);
        torch.Tensor image = Seeded.Rand(7, [2, 3, 64, 128]), masks = Seeded.Rand(8, [2, 3, 64, 128]);

        torch.Tensor straight = model.Propagate(model.Guide(image), masks), turned = model.Propagate(model.Guide(image.flip(3)), masks.flip(3)).flip(3);
        torch.Tensor refined = mirrored.Propagate(mirrored.Guide(image), masks);
        Assert.True(straight.sub(turned).abs().max().item<float>() > 1e-3f);
        Assert.InRange(straight.add(turned).div(torch.tensor(2f)).sub(refined).abs().max().item<float>(), 0, 1e-5f);

        torch.Tensor guidance = mirrored.Guide(image);
        Assert.Throws<ArgumentException>("masks", () => mirrored.Propagate(guidance, Seeded.Rand(9, [64, 128])));
        Assert.Throws<ArgumentException>("masks", () => mirrored.Propagate(guidance, Seeded.Rand(10, [2, 0, 64, 128])));
        Assert.Throws<ArgumentException>("guidance", () => mirrored.Propagate(guidance, Seeded.Rand(11, [2, 1, 64, 32])));
        Assert.Throws<ArgumentException>("guidance", () => mirrored.Propagate(model.Guide(image), masks));
        Assert.Throws<ArgumentException>("guidance", () => mirrored.Propagate(Seeded.Rand(12, [64, 128]), masks));
        Assert.Throws<ArgumentNullException>("masks", () => mirrored.Propagate(guidance, null!));

        torch.Tensor odd = mirrored.Propagate(mirrored.Guide(image.narrow(3, 0, 101)), masks.narrow(3, 0, 101));
        Assert.Equal([2, 3, 64, 101], odd.shape);
        Assert.InRange(odd.sub(model.Propagate(model.Guide(image.narrow(3, 0, 101)), masks.narrow(3, 0, 101))).abs().mean().item<float>(), 0, 0.1f);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(mirrored.ToModel()).Build();
        Assert.InRange(refiner.Refine(image, masks).sub(refined).abs().max().item<float>(), 0, 1e-5f);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_parameter_has_a_gradient(int scales)
    {
        using var scenes = new ToyScenes();
        using SpnModule model = Stirred(SpnConfiguration.Fast with { Scales = scales }, seed: 7);
        model.train();
        torch.nn.functional.binary_cross_entropy_with_logits(model.forward(scenes.Images, scenes.Coarse), scenes.Masks).backward();
        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            torch.Tensor? gradient = parameter.grad;
            Assert.True(gradient is not null && gradient.isfinite().all().item<bool>(), name);
            Assert.True(gradient.count_nonzero().item<long>() > 0, $"{name} has no gradient");
        }
        torch.Tensor head = model.get_parameter("guidance.head.bias")!.grad!;
        Assert.Equal(head.numel(), head.count_nonzero().item<long>());
    }

    [Fact]
    public void Without_propagation_pixels_far_apart_do_not_hear_each_other_and_with_it_they_do()
    {
        Assert.True(Heard(SpnConfiguration.Fast));
        Assert.False(Heard(SpnConfiguration.Fast with { WithoutPropagation = true }));

        static bool Heard(SpnConfiguration configuration)
        {
            using SpnModule model = Stirred(configuration, seed: 3);
            torch.Tensor gates = model.get_parameter("guidance.head.bias")!;
            using (torch.no_grad())
                gates.narrow(0, 0, configuration.GateMaps).fill_(4);
            torch.Tensor guidance = model.Guide(Seeded.Rand(13, [1, 3, 8, 300])), mask = torch.full([1, 1, 8, 300], 0.5f);
            torch.Tensor changed = mask.clone();
            changed.narrow(3, 0, 8).fill_(1);
            torch.Tensor difference = model.Propagate(guidance, changed).sub(model.Propagate(guidance, mask));
            return difference.narrow(3, 200, 60).abs().max().item<float>() > 0;
        }
    }

    [Fact]
    public void A_saved_model_describes_itself_and_refines_the_same()
    {
        var configuration = SpnConfiguration.Fast with { GuidanceWidth = 8, MaskWidth = 12 };
        using SpnModule model = Stirred(configuration);
        model.Save(_folder.File("model.safetensors"));
        using SpnModule loaded = SpnModule.Load(_folder.File("model.safetensors"));
        Assert.Equal(configuration, loaded.Configuration);
        torch.Tensor image = Seeded.Rand(14, [1, 3, 21, 30]), masks = Seeded.Rand(15, [1, 2, 21, 30]);
        Assert.Equal(
            model.Propagate(model.Guide(image), masks).bytes.ToArray(),
            loaded.Propagate(loaded.Guide(image), masks).bytes.ToArray());
    }

    /// <summary>The names are a promise to files that exist; a change here breaks them.</summary>
    [Fact]
    public void New_weights_are_seen_by_a_model_that_has_refined_before()
    {
        using SpnModule one = Stirred(SpnConfiguration.Fast), two = Stirred(SpnConfiguration.Fast, seed: 2);
        torch.Tensor image = Seeded.Rand(16, [1, 3, 32, 32]), mask = Seeded.Rand(17, [1, 1, 32, 32]);
        torch.Tensor before = one.Propagate(one.Guide(image), mask), expected = two.Propagate(two.Guide(image), mask);
        one.load_state_dict(two.state_dict());
        Assert.False(before.allclose(expected));
        Assert.True(one.Propagate(one.Guide(image), mask).allclose(expected, 0, 0));
        Assert.False(one.training);
    }

    [Fact]
    public void The_names_in_a_file_are_stable()
    {
        using SpnModule model = Ready(SpnConfiguration.Fast);
        model.Save(_folder.File("m"));
        using var file = SafetensorsFile.Open(_folder.File("m"));
        string[] blocks = ["down", "up", "smooth"], convolutions = ["look", "quarter", "coarse.hidden", "coarse.mix", "again.hidden", "again.mix", "fine.hidden", "fine.mix", "decode"];
        string[] parts = ["conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"];
        IEnumerable<string> expected =
        [
            .. from block in blocks from part in parts select $"propagation.{block}.{part}",
            .. from convolution in convolutions from part in new[] { "weight", "bias" } select $"propagation.{convolution}.{part}",
            "propagation.scale",
        ];
        Assert.Equal(expected.Order(), file.Entries.Keys.Where(name => name.StartsWith("propagation.", StringComparison.Ordinal)).Order());
        Assert.Equal([100L, 16, 1, 1], file.Entries["guidance.head.weight"].Shape);
    }

    [Fact]
    public void A_third_scale_adds_names_and_shapes()
    {
        using SpnModule two = Ready(SpnConfiguration.Fast), three = Ready(SpnConfiguration.Fast with { Scales = 3 });
        Dictionary<string, torch.Tensor> fewer = two.state_dict(), more = three.state_dict();
        Dictionary<string, long[]> added = new()
        {
            ["guide"] = [96, 96, 1, 1], ["narrow.conv"] = [48, 32, 3, 3], ["narrow.norm"] = [48],
            ["spread.hidden"] = [32, 48, 1, 1], ["spread.mix"] = [48, 128, 1, 1], ["again.hidden"] = [32, 48, 1, 1], ["again.mix"] = [48, 128, 1, 1],
            ["back"] = [32, 48, 1, 1],
        };
        foreach ((string name, long[] shape) in added)
            Assert.Equal(shape, more[$"propagation.deep.{name}.weight"].shape);
        IEnumerable<string> biases = added.Keys.Where(name => name != "narrow.conv").Select(name => $"{name}.bias");
        Assert.Equal(
            added.Keys.Select(name => $"{name}.weight").Concat(biases).Concat(["narrow.norm.running_mean", "narrow.norm.running_var", "narrow.norm.num_batches_tracked"])
                .Select(name => $"propagation.deep.{name}").Order(),
            more.Keys.Except(fewer.Keys).Order());
        Assert.Empty(fewer.Keys.Except(more.Keys));
        Assert.Equal([104L, 80, 1, 1], more["propagation.quarter.weight"].shape);
    }

    [Fact]
    public void A_model_outlives_the_scope_it_was_made_in()
    {
        using SpnModule model = Made();
        Assert.Equal([1, 1, 8, 8], model.Propagate(model.Guide(Seeded.Rand(18, [1, 3, 8, 8])), Seeded.Rand(19, [1, 1, 8, 8])).shape);

        static SpnModule Made()
        {
            using DisposeScope inner = torch.NewDisposeScope();
            return Ready(SpnConfiguration.Fast);
        }
    }

    private static SpnModule Ready(SpnConfiguration configuration, long seed = 1)
    {
        var model = Seeded.Model(configuration, seed);
        model.eval();
        return model;
    }

    /// <summary>A model that does change masks, as a trained one does.</summary>
    private static SpnModule Stirred(SpnConfiguration configuration, long seed = 1)
    {
        SpnModule model = Ready(configuration, seed);
        using (torch.no_grad())
        {
            Seeded.Normal(20, model.get_parameter("propagation.decode.weight")!, deviation: 0.3);
            if (configuration.Scales > 2)
                Seeded.Normal(21, model.get_parameter("propagation.deep.back.weight")!, deviation: 0.3);
        }
        Seeded.Uniform(22, model.buffers().Where(b => b.is_floating_point()), 0.5, 1.5);
        return model;
    }
}
