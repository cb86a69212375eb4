using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Gpu.Tests.Libtorch;

/// <summary>The whole refiner on the GPU against the CPU, and a step of training there.</summary>
[Trait("Level", "libtorch")]
public sealed class CudaRefinerTests
{
    [Fact]
    public void A_model_refines_as_on_the_CPU()
        => Exactly(() =>
        {
            using SpnModule module = Seeded.Model(seed: 1);
            Compare(module.ToModel());
        });

    [Fact]
    public void A_model_trains_as_on_the_CPU()
        => Exactly(() =>
        {
            using var scope = torch.NewDisposeScope();
            using var model = Seeded.Model(seed: 1);
            torch.Tensor image = Seeded.Rand(1, [1, 3, 64, 48]), mask = Seeded.Rand(2, [1, 1, 64, 48]);
            float here = Step(torch.CPU), there = Step(torch.CUDA);
            Assert.Equal(here, there, 1e-3f * Math.Max(1, Math.Abs(here)));

            // The sum of all gradients' sizes.
            float Step(torch.Device device)
            {
                model.to(device);
                model.zero_grad();
                model.forward(image.to(device), mask.to(device)).square().mean().backward();
                return model.parameters().Select(p => p.grad).OfType<torch.Tensor>().Sum(gradient => gradient.abs().sum().cpu().item<float>());
            }
        });

    private static void Compare(SpnModel model)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor image = Seeded.Rand(3, [3, 200, 152]), mask = Seeded.Rand(4, [2, 25, 19]);
        torch.Tensor here = Refine(SpnRefiner.Configure().OnCpu()), there = Refine(SpnRefiner.Configure().OnCuda());
        Assert.True(CudaOperatorTests.Difference(here, there) < 1e-3);

        torch.Tensor Refine(RefinerBuilder builder)
        {
            using Refiner refiner = builder.WithModel(model).Build();
            return refiner.Refine(image, mask);
        }
    }

    // Convolutions round to TF32 else.
    private static void Exactly(Action test)
    {
        CudaTensors.Require();
        bool before = torch.backends.cudnn.allow_tf32;
        torch.backends.cudnn.allow_tf32 = false;
        try
        {
            test();
        }
        finally
        {
            torch.backends.cudnn.allow_tf32 = before;
        }
    }
}
