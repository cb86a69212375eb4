using Spn.Inference;
using Spn.Models;
using Spn.Propagation;
using Spn.Simd;
using Spn.Testing;
using Spn.Torch;
using Spn.Weights;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Inference;

/// <summary>The CPU engine against the TorchSharp modules: each is the other's reference.</summary>
public sealed class EngineParityTests
{
    private const float Tolerance = 1e-4f;

    private static readonly Dictionary<string, SpnConfiguration> s_configurations = new()
    {
        ["residual"] = SpnConfiguration.Fast,
        ["three scales"] = SpnConfiguration.Fast with { Scales = 3 },
        ["mirrored"] = SpnConfiguration.Fast with { Mirrored = true },
        ["mirrored, three scales"] = SpnConfiguration.Fast with { Mirrored = true, Scales = 3, MaskWidth = 8 },
        ["narrow"] = SpnConfiguration.Fast with { GuidanceWidth = 4, MaskWidth = 12, Channels = 4, Groups = 1 },
        ["odd maps"] = SpnConfiguration.Fast with { GuidanceWidth = 20, MaskWidth = 4, Channels = 12, Groups = 3, Scales = 3 },
        ["clamped"] = SpnConfiguration.Fast with { Normalization = GateNormalization.Clamped },
        ["absolute sum"] = SpnConfiguration.Fast with { Normalization = GateNormalization.AbsSum },
        // One round: where random gates nearly cancel, each round multiplies the rounding.
        ["linear, absolute sum"] = new SpnConfiguration { Normalization = GateNormalization.AbsSum, Rounds = 1 },
        ["without propagation"] = SpnConfiguration.Fast with { WithoutPropagation = true },
        ["linear"] = new SpnConfiguration(),
        ["linear, mean"] = new SpnConfiguration { Merge = DirectionMerge.Mean, Rounds = 3, Channels = 8, Groups = 2,
            Normalization = GateNormalization.Clamped },
        ["linear, unmerged"] = new SpnConfiguration { Merge = DirectionMerge.None, Rounds = 1, Channels = 20, GuidanceWidth = 12 },
        ["linear, mirrored"] = new SpnConfiguration { Mirrored = true, Channels = 4 },
        ["VGG16"] = SpnConfiguration.Fast with { Guidance = GuidanceKind.Vgg16 },
    };

    public static TheoryData<string, int, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int, int, int>();
            foreach (string name in s_configurations.Keys)
            {
                cases.Add(name, 64, 96, 1);
                cases.Add(name, 37, 51, 3);
            }
            cases.Add("residual", 1, 1, 2);
            cases.Add("residual", 5, 130, 21);
            cases.Add("three scales", 33, 2, 1);
            cases.Add("linear", 3, 70, 21);
            cases.Add("mirrored", 7, 9, 2);
            return cases;
        }
    }

    public static TheoryData<int> Levels => [.. Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported).Select(level => (int)level)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_model_refines_as_its_modules_do(string name, int height, int width, int masks)
    {
        using SpnModule model = Random(s_configurations[name], seed: height);
        Compare(model, height, width, masks, SimdLevels.Best);
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void So_does_every_vector_width(int level)
    {
        foreach (string name in new[] { "three scales", "odd maps", "linear" })
        {
            using SpnModule model = Random(s_configurations[name], seed: level);
            Compare(model, 45, 70, 2, (SimdLevel)level);
        }
    }

    [Theory]
    [InlineData("Fast", 96, 131, 2)]
    [InlineData("Quality", 67, 90, 1)]
    public void So_do_the_built_in_models(string name, int height, int width, int masks)
    {
        using SpnModule model = SpnModule.From(name == "Fast" ? SpnModel.Fast : SpnModel.Quality);
        Compare(model, height, width, masks, SimdLevels.Best);
    }

    [Theory]
    [InlineData("residual")]
    [InlineData("mirrored, three scales")]
    public void So_does_a_model_on_a_device(string name)
    {
        using SpnModule module = Random(s_configurations[name], seed: 3);
        SpnModel model = module.ToModel();
        Tensor image = Seeded.Rand(1, [2, 3, 45, 70]), masks = Seeded.Rand(2, [2, 3, 45, 70]);
        Tensor expected = model.Refine(image, masks), refined = new DeviceModel(model, CPU).Refine(image, masks);
        Assert.InRange(refined.sub(expected).abs().max().item<float>(), 0, Tolerance);
    }

    /// <summary>A model whose every tensor is drawn anew, so that none of its parts does nothing.</summary>
    internal static SpnModule Random(SpnConfiguration configuration, int seed)
    {
        var random = new Random(seed);
        SpnModule model = Seeded.Model(configuration, seed);
        using (no_grad())
        {
            foreach ((string key, Tensor value) in model.state_dict())
            {
                if (value.dtype != ScalarType.Float32)
                    continue;
                bool isKernel = value.dim() == 4, isScale = key.EndsWith("norm.weight", StringComparison.Ordinal)
                    || key == "propagation.scale";
                bool isVariance = key.EndsWith("running_var", StringComparison.Ordinal);
                // so that maps neither grow nor fade from layer to layer
                double size = isKernel ? Math.Sqrt(6.0 / (value.numel() / value.shape[0])) : 0.2;
                if (key == "guidance.head.weight")
                    size /= 4; // gates of the size that trained models have
                double center = isScale || isVariance ? 1 : 0;
                float[] drawn = [.. Enumerable.Range(0, (int)value.numel()).Select(_
                    => (float)(center + size * (2 * random.NextDouble() - 1)))];
                using Tensor values = tensor(drawn).view(value.shape);
                value.copy_(values);
            }
        }
        model.eval();
        return model;
    }

    private static unsafe void Compare(SpnModule model, int height, int width, int count, SimdLevel level)
    {
        using DisposeScope scope = NewDisposeScope();
        var random = new Random(height * 1000 + width);
        float[] image = Values(3 * height * width), masks = Values(count * height * width), refined = new float[masks.Length];
        Tensor expected = Modules(model, tensor(image).view(1, 3, height, width), tensor(masks).view(1, count, height, width));

        InferenceModel engine = Engine(model);
        (int maps, int h, int w) = engine.GuidanceShape(height, width);
        float[][] guidance = [new float[maps * h * w], new float[maps * h * w]];
        fixed (float* pixels = image, coarse = masks, result = refined, straight = guidance[0], mirrored = guidance[1])
        {
            engine.Guide(pixels, height, width, 0, straight, threads: 2, level);
            if (engine.Views == 2)
                engine.Guide(pixels, height, width, 1, mirrored, threads: 2, level);
            engine.Propagate(straight, mirrored, coarse, count, height, width, result, threads: 2, level);
        }

        if (level == SimdLevels.Best)
        {
            float[] single = new float[masks.Length];
            using IGuidance alone = model.ToModel().WithMaxThreads(1).Guide(image, width, height);
            alone.Propagate(masks, single);
            Assert.Equal(refined, single); // to the bit, for any number of threads
        }

        float[] wanted = expected.contiguous().data<float>().ToArray();
        float worst = refined.Zip(wanted, (a, b) => Math.Abs(a - b)).Max();
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {worst:e2}");
        Assert.True(worst < Tolerance, $"The largest difference is {worst}.");

        float[] Values(int length) => [.. Enumerable.Range(0, length).Select(_ => random.NextSingle())];
    }

    private static InferenceModel Engine(SpnModule module)
    {
        using SafetensorsFile file = module.ToModel().OpenWeights();
        return InferenceModel.Load(file);
    }

    /// <summary>What the TorchSharp modules say, in libtorch's operations.</summary>
    private static Tensor Modules(SpnModule model, Tensor image, Tensor masks)
    {
        if (!model.Configuration.Mirrored)
            return model.forward(image, masks).sigmoid().detach();
        Tensor pixels = ImagePadding.ToMultiples(image, 1, 32), coarse = ImagePadding.ToMultiples(masks, 1, 32);
        Tensor straight = model.forward(pixels, coarse).sigmoid(),
            flipped = model.forward(pixels.flip(3), coarse.flip(3)).sigmoid().flip(3);
        return ImagePadding.Crop((straight + flipped) / 2, masks.shape[2], masks.shape[3]).detach();
    }
}
