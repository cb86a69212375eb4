using Spn.Models;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Guidance;

/// <summary>Inference runs on weights folded at first use: the same result as the training form's, and always of the weights as they are.</summary>
public sealed class FoldedInferenceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();
    private readonly torch.Tensor _image = Seeded.Rand(1, [2, 3, 37, 46]);
    private readonly torch.Tensor _masks = Seeded.Rand(2, [2, 3, 37, 46]);

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<SpnConfiguration> Configurations => new()
    {
        new SpnConfiguration { Channels = 8 },
        new SpnConfiguration { Channels = 8, Guidance = GuidanceKind.Vgg16 },
        SpnConfiguration.Refiner,
        SpnConfiguration.Refiner with { GuidanceWidth = 4, MaskWidth = 12 },
        SpnConfiguration.Refiner with { Scales = 3 },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Folded_is_unfolded(SpnConfiguration configuration)
    {
        using SpnModule model = Stirred(configuration);
        torch.Tensor unfolded = model.forward(_image, _masks).sigmoid(), folded = Refined(model);
        Assert.True(unfolded.requires_grad);
        Assert.InRange(unfolded.sub(folded).abs().max().item<float>(), 0, 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public void What_an_optimizer_changes_is_seen_after_the_next_eval(SpnConfiguration configuration)
    {
        using SpnModule model = Stirred(configuration);
        torch.Tensor before = Refined(model);
        model.train();
        using (torch.optim.Optimizer optimizer = torch.optim.SGD(model.parameters(), 0.1))
        {
            torch.nn.functional.binary_cross_entropy_with_logits(model.forward(_image, _masks), torch.ones_like(_masks)).backward();
            Assert.All(model.parameters(), p => Assert.NotNull(p.grad));
            optimizer.step();
        }
        model.eval();
        torch.Tensor after = Refined(model);
        Assert.True(after.sub(before).abs().max().item<float>() > 1e-3f);
        model.Save(_folder.File("m"));
        using SpnModule fresh = SpnModule.Load(_folder.File("m"));
        Assert.Equal(Refined(fresh).bytes.ToArray(), after.bytes.ToArray());
    }

    [Fact]
    public void Weights_loaded_into_a_model_in_use_are_seen()
    {
        using SpnModule model = Stirred(SpnConfiguration.Refiner), other = Stirred(SpnConfiguration.Refiner, seed: 2);
        byte[] before = Refined(model).bytes.ToArray(), wanted = Refined(other).bytes.ToArray();
        Assert.NotEqual(before, wanted);
        other.Save(_folder.File("m"));
        using (var file = SafetensorsFile.Open(_folder.File("m")))
            model.LoadWeights(file);
        Assert.False(model.training);
        Assert.Equal(wanted, Refined(model).bytes.ToArray());
    }

    [Fact]
    public void A_block_that_moves_folds_anew()
    {
        using var block = Seeded.Module(4, () => new ConvBlock(4, 8));
        block.eval();
        using (torch.no_grad())
        {
            torch.Tensor x = Seeded.Rand(3, [1, 4, 9, 9]), single = block.forward(x);
            block.to(torch.float64);
            torch.Tensor twice = block.forward(x.to(torch.float64));
            Assert.Equal(torch.float64, twice.dtype);
            Assert.InRange(twice.sub(single).abs().max().item<double>(), 0, 1e-5);
        }
    }

    [Fact]
    public void The_first_calls_may_come_from_many_threads()
    {
        using SpnModule reference = Stirred(SpnConfiguration.Refiner);
        byte[] expected = Refined(reference).bytes.ToArray();
        int workers = torch.get_num_threads();
        reference.Save(_folder.File("m"));
        for (int i = 0; i < 5; i++)
        {
            using SpnModule model = SpnModule.Load(_folder.File("m"));
            Parallel.For(0, 12, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
            {
                torch.set_num_threads(workers); // of this thread: libtorch rounds by their number
                using DisposeScope scope = torch.NewDisposeScope();
                Assert.Equal(expected, Refined(model).bytes.ToArray());
            });
        }
    }

    [Fact]
    public void The_folded_weights_outlive_the_scope_of_the_first_call_and_are_no_part_of_the_model()
    {
        using SpnModule model = Stirred(SpnConfiguration.Refiner);
        string[] names = [.. model.state_dict().Keys];
        using (torch.NewDisposeScope())
            Refined(model);
        Assert.Equal(_masks.shape, Refined(model).shape);
        Assert.Equal(names, model.state_dict().Keys);
    }

    private torch.Tensor Refined(SpnModule model)
    {
        using torch.Tensor guidance = model.Guide(_image);
        return model.Propagate(guidance, _masks);
    }

    /// <summary>A model whose normalisation does something and which changes masks, in eval().</summary>
    private static SpnModule Stirred(SpnConfiguration configuration, long seed = 1)
    {
        var model = Seeded.Model(configuration, seed);
        using (torch.no_grad())
        {
            var norms = model.state_dict().Where(s => s.Key.Contains(".norm.", StringComparison.Ordinal) && s.Value.is_floating_point()).ToLookup(
                s => s.Key.EndsWith("bias", StringComparison.Ordinal) || s.Key.EndsWith("mean", StringComparison.Ordinal), s => s.Value);
            Seeded.Uniform(5, norms[true], -0.5, 0.5);
            Seeded.Uniform(25, norms[false], 0.5, 1.5);
            Seeded.Normal(6, model.get_parameter("propagation.decode.weight")!, deviation: 0.3);
            if (configuration.Scales > 2)
                Seeded.Normal(7, model.get_parameter("propagation.deep.back.weight")!, deviation: 0.3);
        }
        model.eval();
        return model;
    }
}
