using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>A device that launches nothing and records which kernels a round needs, each with its last launch.</summary>
internal sealed unsafe class KernelRecorder(CudaLimits limits) : ICudaDevice
{
    private readonly Dictionary<CudaKernel, CudaLaunch> _kernels = [];

    public CudaLimits Limits => limits;

    public void Launch(CudaKernel kernel, in CudaLaunch launch, void* argument, int argumentBytes) => _kernels[kernel] = launch;

    /// <summary>The kernels of one pass.</summary>
    public static IReadOnlyDictionary<CudaKernel, CudaLaunch> Kernels(in CudaLimits limits, RoundCase of)
    {
        var recorder = new KernelRecorder(limits);
        if (of.Pass == Pass.Backward)
        {
            CudaPropagation.Backward(recorder, of.Operator, BackwardPlan.Make(limits, of.Operator), default, null);
        }
        else
        {
            // Only whether the maps have buffers matters, not their addresses.
            bool keeps = of.Pass == Pass.Training;
            var job = new CudaForwardJob { Hidden = keeps ? (void*)256 : null };
            CudaPropagation.Forward(recorder, of.Operator, ForwardPlan.Make(limits, of.Operator, keeps), job, null);
        }

        return recorder._kernels;
    }
}
