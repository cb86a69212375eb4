using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Tests.Cuda.Driver;
using Spn.Tests.Propagation;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Cuda.Libtorch;

/// <summary>What every backend must pass, on CUDA tensors.</summary>
[Trait("Level", "libtorch")]
public sealed class CudaBackendTests : PropagationSuite
{
    // To the device by a differentiable copy that keeps the strides, and back.
    protected override torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate)
        => SpatialPropagation.Propagate(x.cuda(), guidance.cuda(), options, xGate?.cuda(), new CudaRound(Gpu.Require())).cpu();

    protected override void RequireBackend() => CudaTensors.Require();
}
