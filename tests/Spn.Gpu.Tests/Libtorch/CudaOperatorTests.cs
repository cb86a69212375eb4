using Spn.Diagnostics;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Gpu.Tests.Libtorch;

/// <summary>The public operator on CUDA tensors.</summary>
[Trait("Level", "libtorch")]
public sealed class CudaOperatorTests
{
    [Fact]
    public void Tensors_on_the_device_stay_there_and_come_out_as_on_the_CPU()
    {
        CudaTensors.Require();
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(1, [2, 3, 70, 90]), guidance = Seeded.Randn(2, [2, 36, 70, 90]);
        torch.Tensor here = SpatialPropagation.Propagate(x, guidance, new PropagationOptions { Rounds = 2 });
        torch.Tensor there = SpatialPropagation.Propagate(x.cuda(), guidance.cuda(), new PropagationOptions { Rounds = 2 });
        Assert.Equal(DeviceType.CUDA, there.device_type);
        Assert.True(Difference(here, there) < 1e-5);
        Assert.Contains("CUDA kernels", SpnDiagnostics.Describe().Backend, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.BFloat16)]
    public void Maps_of_any_strides_are_read_in_place(torch.ScalarType type)
    {
        CudaTensors.Require();
        using var scope = torch.NewDisposeScope();
        torch.Tensor x = Seeded.Rand(3, [2, 4, 33, 47]).to(type).cuda(), guidance = Seeded.Randn(4, [2, 48, 33, 47]).to(type).cuda();
        torch.Tensor expected = SpatialPropagation.Propagate(x, guidance);
        torch.Tensor Stored(torch.Tensor tensor, Func<torch.Tensor, torch.Tensor> view, long[] larger)
        {
            torch.Tensor place = view(torch.full(larger, double.NaN, type, torch.CUDA));
            place.copy_(tensor);
            return place;
        }

        torch.Tensor last = Stored(x, t => t.permute(0, 3, 1, 2), [2, 33, 47, 4]);
        torch.Tensor slice = Stored(guidance, t => t.narrow(2, 3, 33).narrow(3, 1, 47), [2, 48, 40, 51]);
        torch.Tensor transposed = Stored(x, t => t.transpose(2, 3), [2, 4, 47, 33]);
        Assert.True(expected.equal(SpatialPropagation.Propagate(last, guidance)).all().cpu().item<bool>());
        Assert.True(expected.equal(SpatialPropagation.Propagate(x, slice)).all().cpu().item<bool>());
        Assert.True(expected.equal(SpatialPropagation.Propagate(transposed, slice)).all().cpu().item<bool>());
    }

    [Fact]
    public void Work_on_other_streams_and_threads_is_in_order()
    {
        CudaTensors.Require();
        using var scope = torch.NewDisposeScope();
        torch.Tensor guidance = Seeded.Randn(5, [1, 12, 300, 200]).cuda(), x = Seeded.Rand(6, [1, 1, 300, 200]).cuda();
        torch.Tensor expected = SpatialPropagation.Propagate(x, guidance);
        Parallel.For(0, 8, _ =>
        {
            using var own = torch.NewDisposeScope();
            for (int i = 0; i < 20; i++)
            {
                // The input is made on the stream just before, and its memory is handed on just after.
                using torch.Tensor h = SpatialPropagation.Propagate(x.clone(), guidance.clone());
                Assert.True(h.equal(expected).all().cpu().item<bool>());
            }
        });
    }

    internal static double Difference(torch.Tensor a, torch.Tensor b) => a.cpu().sub(b.cpu()).abs().max().item<float>();
}
