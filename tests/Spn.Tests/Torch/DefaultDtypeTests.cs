using Spn.Models;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Torch;

/// <summary>The type that the app has torch make tensors of changes nothing: kernels of our own read and write float32.</summary>
[Collection(nameof(Alone))]
public sealed class DefaultDtypeTests : IDisposable
{
    private readonly torch.ScalarType _before = torch.get_default_dtype();

    public void Dispose() => torch.set_default_dtype(_before);

    public static TheoryData<torch.ScalarType> Dtypes => [torch.ScalarType.Float16, torch.ScalarType.Float64];

    [Theory, MemberData(nameof(Dtypes))]
    public void Masks_come_out_the_same(torch.ScalarType dtype)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor image = Seeded.Rand(1, [1, 3, 64, 80]), masks = Seeded.Rand(2, [1, 2, 64, 80]);
        (torch.Tensor fast, torch.Tensor quality, torch.Tensor edges) = Refine();

        torch.set_default_dtype(dtype);
        (torch.Tensor fastAgain, torch.Tensor qualityAgain, torch.Tensor edgesAgain) = Refine();
        Assert.True(fast.allclose(fastAgain, 0, 0) && quality.allclose(qualityAgain, 0, 0) && edges.allclose(edgesAgain, 0, 0));

        (torch.Tensor Fast, torch.Tensor Quality, torch.Tensor Edges) Refine()
        {
            using SpnModule fastModel = SpnModule.From(SpnModel.Fast), qualityModel = SpnModule.From(SpnModel.Quality);
            using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new EdgeGuidance()).Build();
            return (fastModel.Propagate(fastModel.Guide(image), masks), qualityModel.Propagate(qualityModel.Guide(image), masks), refiner.Refine(image, masks));
        }
    }

    [Theory, MemberData(nameof(Dtypes))]
    public void A_new_model_trains_in_float32(torch.ScalarType dtype)
    {
        torch.set_default_dtype(dtype);
        using DisposeScope scope = torch.NewDisposeScope();
        foreach (SpnConfiguration configuration in new[] { SpnConfiguration.Fast with { Scales = 3 }, new SpnConfiguration { Propagation = PropagationKind.Linear } })
        {
            using var model = Seeded.Model(configuration);
            Assert.All(model.parameters(), parameter => Assert.Equal(torch.ScalarType.Float32, parameter.dtype));
            model.forward(Seeded.Rand(3, [1, 3, 32, 32]).to(torch.float32), Seeded.Rand(4, [1, 1, 32, 32]).to(torch.float32)).sum().backward();
            Assert.All(model.parameters(), parameter => Assert.True(parameter.grad!.isfinite().all().item<bool>()));
        }
    }
}
