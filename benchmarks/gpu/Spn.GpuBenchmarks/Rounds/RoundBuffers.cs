using Spn.GpuBenchmarks.Device;
using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>The device memory of a round, with random inputs.</summary>
internal sealed class RoundBuffers : IDisposable
{
    private readonly Gpu _gpu;
    private readonly List<nint> _owned = [];

    /// <param name="gpu">The device.</param>
    /// <param name="op">The operator.</param>
    /// <param name="pass">
    /// The pass to run. The buffers of a backward round also serve the preceding forward round, which saves its maps.
    /// </param>
    public RoundBuffers(Gpu gpu, CudaOperator op, Pass pass)
    {
        _gpu = gpu;
        try
        {
            CudaScalar scalar = op.Scalar;
            int size = scalar.Size();
            X = Random(scalar, op.MapElements, 1, 1);
            Guidance = Random(scalar, op.GateElements, 1.5f, 2);
            InputGate = Random(scalar, op.InputGateElements, 1, 3);
            Output = Allocate(op.MapElements * size);
            if (pass != Pass.Forward)
            {
                Hidden = Allocate(op.MapElements * op.Shape.DirectionCount * size);
                Winners = op.Merge == DirectionMerge.Max && op.Shape.DirectionCount > 1 ? Allocate(op.MapElements) : 0;
            }

            long scratch = ForwardPlan.Make(gpu.Kernels.Limits, op, keepsHidden: pass != Pass.Forward).ScratchBytes;
            if (pass == Pass.Backward)
            {
                GradOutput = Random(scalar, op.MapElements, 1, 4);
                GradX = Allocate(op.MapElements * size);
                GradGuidance = Allocate(op.GateElements * size);
                GradInputGate = Allocate(op.InputGateElements * size);
                scratch = Math.Max(scratch, BackwardPlan.Make(gpu.Kernels.Limits, op).ScratchBytes);
            }

            Scratch = Allocate(scratch);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public nint X { get; }

    public nint Guidance { get; }

    public nint InputGate { get; }

    public nint Output { get; }

    public nint Hidden { get; }

    public nint Winners { get; }

    public nint GradOutput { get; }

    public nint GradX { get; }

    public nint GradGuidance { get; }

    public nint GradInputGate { get; }

    public nint Scratch { get; }

    public void Dispose() => _owned.ForEach(_gpu.Free);

    private nint Allocate(long bytes)
    {
        nint address = _gpu.Allocate(bytes);
        _owned.Add(address);
        return address;
    }

    // Uniform in [-reach, reach).
    private nint Random(CudaScalar scalar, long elements, float reach, uint seed)
    {
        nint data = Allocate(elements * scalar.Size());
        if (elements > 0)
        {
            var fill = new FillArguments { Data = data, Count = elements, Seed = seed, Low = -reach, Range = 2 * reach };
            _gpu.Launch(Bench.Fill(scalar), elements, fill);
        }
        return data;
    }
}
