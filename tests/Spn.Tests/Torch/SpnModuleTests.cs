using Spn.Models;
using Spn.Propagation;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Torch;

public sealed class SpnModuleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = torch.NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(GuidanceKind.Compact)]
    [InlineData(GuidanceKind.Vgg16)]
    public void Any_image_size_works(GuidanceKind kind)
    {
        using SpnModule model = Ready(new SpnConfiguration { Guidance = kind, Channels = 8 });
        foreach ((int height, int width) in new[] { (1, 1), (1, 7), (9, 1), (2, 2), (33, 47), (32, 64), (65, 40) })
        {
            torch.Tensor image = Seeded.Rand(1, [2, 3, height, width]), masks = Seeded.Rand(2, [2, 3, height, width]);
            torch.Tensor guidance = model.Guide(image), refined = model.Propagate(guidance, masks);
            Assert.Equal([2, 96, (height + 1) / 2, (width + 1) / 2], guidance.shape);
            AssertProbabilities(refined, masks.shape);
        }
    }

    [Theory]
    [InlineData(4, null, 2, GateNormalization.Clamped, DirectionMerge.Max)]
    [InlineData(16, 4, 2, GateNormalization.Softmax, DirectionMerge.Mean)]
    [InlineData(32, 1, 3, GateNormalization.AbsSum, DirectionMerge.Max)]
    [InlineData(8, 2, 1, GateNormalization.Softmax, DirectionMerge.None)]
    public void A_saved_model_describes_itself_and_refines_the_same(
        int channels, int? groups, int rounds, GateNormalization normalization, DirectionMerge merge)
    {
        var configuration = new SpnConfiguration { Channels = channels, Groups = groups, Rounds = rounds, Normalization = normalization, Merge = merge };
        using SpnModule model = Ready(configuration);
        Seeded.Uniform(26, model.buffers().Where(b => b.is_floating_point()), 0.5, 1.5);
        model.Save(_folder.File("model.safetensors"));

        using SpnModule loaded = SpnModule.Load(_folder.File("model.safetensors"));
        Assert.Equal(configuration, loaded.Configuration);
        torch.Tensor image = Seeded.Rand(3, [1, 3, 21, 30]), masks = Seeded.Rand(4, [1, 2, 21, 30]);
        Assert.Equal(
            model.Propagate(model.Guide(image), masks).bytes.ToArray(),
            loaded.Propagate(loaded.Guide(image), masks).bytes.ToArray());
    }

    /// <summary>The names are a promise to files that exist; a change here breaks them.</summary>
    [Fact]
    public void The_names_in_a_file_are_stable()
    {
        using SpnModule model = Ready(new SpnConfiguration());
        model.Save(_folder.File("m"));
        using var file = SafetensorsFile.Open(_folder.File("m"));

        string[] blocks =
        [
            "encoder.0.0", "encoder.0.1", "encoder.1.0", "encoder.1.1", "encoder.2.0", "encoder.2.1", "encoder.3.0", "encoder.3.1", "encoder.3.2",
            "decoder.0", "decoder.1", "decoder.2", "decoder.3",
        ];
        string[] parts = ["conv.weight", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"];
        IEnumerable<string> expected =
        [
            .. from block in blocks from part in parts select $"guidance.{block}.{part}",
            "guidance.head.weight", "guidance.head.bias",
            "propagation.encode.weight", "propagation.encode.bias", "propagation.decode.weight", "propagation.decode.bias",
        ];
        Assert.Equal(expected.Order(), file.Entries.Keys.Order());
        Assert.Equal([192L, 16, 1, 1], file.Entries["guidance.head.weight"].Shape);
        Assert.Equal([16L, 1, 4, 4], file.Entries["propagation.encode.weight"].Shape);
        Assert.Equal(
            [
                "format=pt", "spn.channels=16", "spn.groups=16", "spn.guidance.width=16", "spn.guidance=Compact", "spn.mask.width=16", "spn.merge=Max",
                "spn.normalization=Softmax", "spn.propagation=Linear", "spn.rounds=2", "spn.version=1",
            ],
            file.Metadata.Select(m => $"{m.Key}={m.Value}").Order());
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void Masks_in_one_call_are_masks_in_single_calls(int? groups)
    {
        const int Masks = 19;
        using SpnModule model = Ready(new SpnConfiguration { Channels = 8, Groups = groups });
        torch.Tensor guidance = model.Guide(Seeded.Rand(5, [2, 3, 18, 23])), masks = Seeded.Rand(6, [2, Masks, 18, 23]);
        torch.Tensor together = model.Propagate(guidance, masks);
        AssertProbabilities(together, masks.shape);
        for (int k = 0; k < Masks; k++)
        {
            torch.Tensor single = model.Propagate(guidance, masks.narrow(1, k, 1)), difference = together.narrow(1, k, 1).sub(single);
            Assert.InRange(difference.abs().max().item<float>(), 0, 1e-5f);
        }
    }

    [Theory]
    [InlineData(GateNormalization.Softmax, 0.08)]
    [InlineData(GateNormalization.Clamped, 0.08)]
    public void An_untrained_model_leaves_a_mask_nearly_as_it_is(GateNormalization normalization, float tolerance)
    {
        torch.Tensor image = Seeded.Rand(7, [1, 3, 40, 50]);
        using SpnModule model = Ready(new SpnConfiguration { Normalization = normalization });
        torch.Tensor mask = torch.nn.functional.interpolate(Seeded.Rand(8, [1, 1, 5, 5]), [40, 50], mode: torch.InterpolationMode.Bilinear, align_corners: false);
        torch.Tensor refined = model.Propagate(model.Guide(image), mask);
        Assert.InRange(refined.sub(mask).abs().max().item<float>(), 0, tolerance);
    }

    /// <summary>Batch statistics would differ: inference must use the stored ones, in every block.</summary>
    [Theory]
    [InlineData(GuidanceKind.Compact)]
    [InlineData(GuidanceKind.Vgg16)]
    public void An_images_guidance_does_not_depend_on_its_batch(GuidanceKind kind)
    {
        using SpnModule model = Ready(new SpnConfiguration { Guidance = kind, Channels = 4 });
        torch.Tensor images = Seeded.Rand(9, [3, 3, 40, 40]);
        torch.Tensor together = model.Guide(images).narrow(0, 1, 1), alone = model.Guide(images.narrow(0, 1, 1));
        Assert.InRange(together.sub(alone).abs().max().item<float>(), 0, 1e-4f);
    }

    [Fact]
    public void Inference_is_the_same_from_many_threads()
    {
        using SpnModule model = Ready(new SpnConfiguration { Channels = 8 });
        torch.Tensor image = Seeded.Rand(10, [1, 3, 37, 41]), masks = Seeded.Rand(11, [1, 2, 37, 41]);
        byte[] expected = model.Propagate(model.Guide(image), masks).bytes.ToArray();
        int workers = torch.get_num_threads();
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ =>
        {
            torch.set_num_threads(workers); // of this thread: libtorch rounds by their number
            using torch.Tensor guidance = model.Guide(image);
            using torch.Tensor refined = model.Propagate(guidance, masks);
            Assert.False(refined.requires_grad);
            Assert.Equal(expected, refined.bytes.ToArray());
        });
    }

    [Fact]
    public void The_refiner_takes_a_model()
    {
        using SpnModule model = Ready(new SpnConfiguration { Channels = 8 });
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(model.ToModel()).Build();
        torch.Tensor image = Seeded.Rand(12, [3, 33, 47]), masks = Seeded.Rand(13, [5, 33, 47]);
        torch.Tensor refined = refiner.Refine(image, masks);
        torch.Tensor expected = model.Propagate(model.Guide(image.unsqueeze(0)), masks.unsqueeze(0)).squeeze(0);
        AssertProbabilities(refined, masks.shape);
        Assert.InRange(refined.sub(expected).abs().max().item<float>(), 0, 1e-6f);
    }

    [Fact]
    public void A_model_outlives_the_scope_it_was_made_in()
    {
        using SpnModule model = Made();
        AssertProbabilities(model.Propagate(model.Guide(Seeded.Rand(14, [1, 3, 8, 8])), Seeded.Rand(15, [1, 1, 8, 8])), [1, 1, 8, 8]);

        static SpnModule Made()
        {
            using DisposeScope inner = torch.NewDisposeScope();
            return Ready(new SpnConfiguration { Channels = 4 });
        }
    }

    [Fact]
    public void A_broken_model_file_is_refused_or_read_and_nothing_else()
    {
        using SpnModule model = Ready(new SpnConfiguration { Channels = 4 });
        string path = _folder.File("m.safetensors");
        model.Save(path);
        byte[] valid = File.ReadAllBytes(path);
        int header = 8 + (int)BitConverter.ToUInt64(valid);
        var random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 100; i++)
        {
            byte[] broken = [.. valid];
            for (int n = random.Next(1, 4); n > 0; n--)
                broken[random.Next(header)] = (byte)random.Next(32, 127);
            try
            {
                SpnModule.Load(_folder.File("broken.safetensors", broken)).Dispose();
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        // Few of the header's bytes may change without a meaning: padding.
        Assert.InRange(refused, 90, 100);
    }

    [Fact]
    public void Wrong_input_is_named_before_any_work()
    {
        using SpnModule model = Ready(new SpnConfiguration { Channels = 8 });
        torch.Tensor guidance = model.Guide(Seeded.Rand(16, [1, 3, 8, 8]));
        Assert.Contains("[3, 8, 8]", Assert.Throws<ArgumentException>("image", () => model.Guide(Seeded.Rand(17, [3, 8, 8]))).Message);
        Assert.Throws<ArgumentException>("image", () => model.Guide(Seeded.Rand(18, [1, 1, 8, 8])));
        Assert.Throws<ArgumentException>("image", () => model.Guide(Seeded.Rand(19, [1, 3, 0, 8])));
        Assert.Throws<ArgumentException>("image", () => model.Guide(torch.zeros(1, 3, 8, 8, dtype: torch.ScalarType.Byte)));
        Assert.Contains("meta", Assert.Throws<ArgumentException>("image", () => model.Guide(Seeded.Rand(20, [1, 3, 8, 8]).to(torch.META))).Message);
        Assert.Throws<ArgumentNullException>(() => model.Guide(null!));
        Assert.Throws<ArgumentException>("masks", () => model.Propagate(guidance, Seeded.Rand(21, [1, 0, 8, 8])));
        Assert.Throws<ArgumentException>("masks", () => model.Propagate(guidance, Seeded.Rand(22, [8, 8])));
        Assert.Contains("[1, 96, 5, 4]", Assert.Throws<ArgumentException>("guidance", () => model.Propagate(guidance, Seeded.Rand(23, [1, 1, 9, 8]))).Message);
        Assert.Throws<ArgumentNullException>(() => model.Propagate(null!, Seeded.Rand(24, [1, 1, 8, 8])));

        model.train();
        Assert.Contains("eval()", Assert.Throws<InvalidOperationException>(() => model.Guide(Seeded.Rand(25, [1, 3, 8, 8]))).Message);
    }

    private static SpnModule Ready(SpnConfiguration configuration)
    {
        var model = Seeded.Model(configuration);
        model.eval();
        return model;
    }

    private static void AssertProbabilities(torch.Tensor refined, long[] shape)
    {
        Assert.Equal(shape, refined.shape);
        Assert.True(refined.isfinite().all().item<bool>());
        Assert.InRange(refined.min().item<float>(), 0, 1);
        Assert.InRange(refined.max().item<float>(), 0, 1);
    }
}
