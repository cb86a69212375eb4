using Spn.Gpu.Tests.Driver;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Gpu.Tests.Libtorch;

/// <summary>What every backend must pass, on CUDA tensors.</summary>
[Trait("Level", "libtorch")]
public sealed class CudaBackendTests : PropagationSuite
{
    // To the device by a differentiable copy that keeps the strides, and back.
    protected override torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate)
        => SpatialPropagation.Propagate(x.cuda(), guidance.cuda(), options, xGate?.cuda(), new CudaBackend(FirstGpu.Require())).cpu();

    protected override void RequireBackend() => CudaTensors.Require();
}
