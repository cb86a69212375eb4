using Spn.Propagation;
using Spn.Simd;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Propagation.Cpu;

/// <summary>The suite on the CPU kernels, each step of the SIMD ladder forced.</summary>
public abstract class CpuBackendTests(int bits) : PropagationSuite
{
    private readonly SimdLevel _level = (SimdLevel)bits;

    protected override torch.Tensor Propagate(torch.Tensor x, torch.Tensor guidance, PropagationOptions options, torch.Tensor? xGate)
        => SpatialPropagation.Propagate(x, guidance, options, xGate, new CpuBackend(options.MaxThreads ?? torch.get_num_threads(), _level));

    protected override void RequireBackend()
        => Assert.SkipUnless(SimdLevels.IsSupported(_level), $"This processor has no {bits}-bit vectors.");
}

public sealed class Cpu512Tests() : CpuBackendTests(512);

public sealed class Cpu256Tests() : CpuBackendTests(256);

public sealed class Cpu128Tests() : CpuBackendTests(128);

public sealed class CpuScalarTests() : CpuBackendTests(0);
