using System.Diagnostics;
using Spn.Models;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;

namespace Spn.Training.Tests.Models;

[Collection(nameof(Alone))]
public sealed class SpnModelTrainingTests(ITestOutputHelper output) : IDisposable
{
    private readonly ToyScenes _scenes = new();

    // One thread: on a busy machine libtorch's threads wait for each other longer than these small pictures take.
    private readonly int _threads = SetThreads(1);

    public void Dispose()
    {
        _scenes.Dispose();
        SetThreads(_threads);
    }

    public static TheoryData<SpnConfiguration, int, double> Overfitting => new()
    {
        { new SpnConfiguration { Channels = 16 }, 60, 5e-3 },
        { new SpnConfiguration { Channels = 32, Groups = 8, Normalization = GateNormalization.Clamped }, 60, 5e-3 },
        { new SpnConfiguration { Channels = 8, Normalization = GateNormalization.AbsSum }, 60, 5e-3 },
        { new SpnConfiguration { Channels = 8, Rounds = 1, Merge = DirectionMerge.None }, 60, 5e-3 },
        { new SpnConfiguration { Channels = 16, Guidance = GuidanceKind.Vgg16 }, 30, 1e-3 },
        { SpnConfiguration.Fast, 60, 5e-3 },
    };

    [Theory]
    [MemberData(nameof(Overfitting))]
    public void A_model_learns_four_pictures(SpnConfiguration configuration, int steps, double rate)
    {
        using var model = Seeded.Model(configuration, seed: 7);
        using var training = new ToyTraining(model, rate);
        var watch = Stopwatch.StartNew();
        float first = training.Step(_scenes), last = first;
        for (int i = 1; i < steps; i++)
            last = training.Step(_scenes);

        model.eval();
        double coarse = _scenes.Iou(_scenes.Coarse), refined = Refined(model);
        output.WriteLine($"loss {first:0.0000} -> {last:0.0000}, IoU {coarse:0.0000} -> {refined:0.0000}, {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(last, 0, 0.5f * first);
        Assert.True(refined > coarse + 0.03, $"IoU {refined} of a coarse {coarse}");
    }

    [Theory]
    [InlineData(GuidanceKind.Compact)]
    [InlineData(GuidanceKind.Vgg16)]
    public void Every_parameter_has_a_gradient(GuidanceKind kind)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var model = Seeded.Model(new SpnConfiguration { Guidance = kind }, seed: 7);
        torch.nn.functional.binary_cross_entropy_with_logits(model.forward(_scenes.Images, _scenes.Coarse), _scenes.Masks).backward();

        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            torch.Tensor? gradient = parameter.grad;
            Assert.True(gradient is not null && gradient.isfinite().all().item<bool>(), name);
            Assert.True(gradient.count_nonzero().item<long>() > 0, $"{name} has no gradient");
        }

        // The guidance acts through the gates alone, so each direction, neighbour and channel of them must have been heard.
        torch.Tensor head = model.get_parameter("guidance.head.bias")!.grad!;
        Assert.Equal(head.numel(), head.count_nonzero().item<long>());
    }

    [Fact]
    public void Training_and_inference_keep_memory_flat()
    {
        using var model = Seeded.Model(new SpnConfiguration { Channels = 8 });
        using var training = new ToyTraining(model, 1e-3);

        void Run(int steps)
        {
            model.train();
            for (int i = 0; i < steps; i++)
                training.Step(_scenes);
            model.eval();
            for (int i = 0; i < steps; i++)
                Refined(model);
        }

        Run(20);

        // What other tests left behind is freed first; what this one leaves must not remain.
        _ = ProcessMemory.Resident();
        const long limit = 48 << 20;
        long tensors = torch.Tensor.TotalCount, grown = ProcessMemory.Growth(limit, () => Run(80));
        output.WriteLine($"{torch.Tensor.TotalCount - tensors} tensors, {grown >> 20} MiB more");
        Assert.InRange(torch.Tensor.TotalCount, 0, tensors);
        Assert.InRange(grown, long.MinValue, limit);
    }

    [Fact]
    public void Training_survives_a_garbage_collector_that_never_rests()
    {
        using var model = Seeded.Model(new SpnConfiguration { Channels = 8 });
        using var training = new ToyTraining(model, 1e-3);
        using var collector = new RestlessCollector();
        for (int i = 0; i < 40; i++)
            Assert.True(float.IsFinite(training.Step(_scenes)));
        model.eval();
        for (int i = 0; i < 40; i++)
            Assert.InRange(Refined(model), 0, 1);
    }

    private static int SetThreads(int count)
    {
        int before = torch.get_num_threads();
        torch.set_num_threads(count);
        return before;
    }

    private double Refined(SpnModule model)
    {
        using torch.Tensor guidance = model.Guide(_scenes.Images);
        using torch.Tensor refined = model.Propagate(guidance, _scenes.Coarse);
        return _scenes.Iou(refined);
    }
}
