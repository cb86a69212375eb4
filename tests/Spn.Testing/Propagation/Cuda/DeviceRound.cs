using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.Testing;

/// <summary>One round of a case on a device's own memory.</summary>
internal sealed unsafe class DeviceRound
{
    private readonly DeviceMemory _memory;
    private readonly PropagationCase _inputs;
    private readonly CudaOperator _op;
    private readonly nint _x, _guidance, _xGate;

    /// <param name="memory">The device.</param>
    /// <param name="inputs">Rounded to the type.</param>
    /// <param name="scalar">The type.</param>
    public DeviceRound(DeviceMemory memory, PropagationCase inputs, CudaScalar scalar)
    {
        (_memory, _inputs) = (memory, inputs);
        PropagationOptions options = inputs.Options;
        var shape = new PropagationShape(inputs.Batch, inputs.Channels, inputs.Height, inputs.Width, inputs.Groups, options.Directions, options.Connection);
        _op = new CudaOperator(shape, scalar, options.Normalization, options.Merge, inputs.XGate is not null);
        _x = Upload(inputs.X);
        _guidance = Upload(inputs.Guidance);
        _xGate = inputs.XGate is null ? 0 : Upload(inputs.XGate);
    }

    /// <summary>What the device is planned for; a plan may be for less than there is.</summary>
    public required CudaLimits Limits { get; init; }

    public ForwardPlan Plan(bool keepsHidden) => ForwardPlan.Make(Limits, _op, keepsHidden);

    public BackwardPlan BackwardPlan => BackwardPlan.Make(Limits, _op);

    private bool IsMerged => _op.Merge != DirectionMerge.None;

    private int Size => _op.Scalar.Size();

    /// <summary>The result, by a round that keeps nothing.</summary>
    public byte[] Forward()
    {
        ForwardPlan plan = Plan(keepsHidden: false);
        nint output = _memory.Buffer(_inputs.GradOutput.LongLength * Size);
        var job = new CudaForwardJob { X = X, Guidance = Guidance, InputGate = XGate, Output = (void*)(IsMerged ? output : 0), Hidden = (void*)(IsMerged ? 0 : output) };
        CudaPropagation.Forward(_memory.Device, _op, plan, job, (void*)_memory.Buffer(plan.ScratchBytes));
        return _memory.Read(output, _inputs.GradOutput.LongLength * Size);
    }

    /// <summary>The result of a round that keeps its maps, and the gradients of another that reads them.</summary>
    public (byte[] Output, byte[] GradX, byte[] GradGuidance, byte[] GradXGate) ForwardAndBackward(double[] gradOutput)
    {
        ForwardPlan plan = Plan(keepsHidden: true);
        int directions = _op.Shape.DirectionCount;
        long hiddenBytes = _op.MapElements * directions * Size;
        nint output = IsMerged ? _memory.Buffer(_op.MapElements * Size) : 0, hidden = _memory.Buffer(hiddenBytes);
        nint winners = _op.Merge == DirectionMerge.Max ? _memory.Buffer(_op.MapElements) : 0;
        var forward = new CudaForwardJob { X = X, Guidance = Guidance, InputGate = XGate, Output = (void*)output, Hidden = (void*)hidden, Winners = (byte*)winners };
        CudaPropagation.Forward(_memory.Device, _op, plan, forward, (void*)_memory.Buffer(plan.ScratchBytes));

        nint incoming = Upload(gradOutput);
        nint gradX = _memory.Buffer(_op.MapElements * Size), gradGuidance = _memory.Buffer(_op.GateElements * Size), gradXGate = _memory.Buffer(_op.InputGateElements * Size);
        var backward = new CudaBackwardJob
        {
            X = X, Guidance = Guidance, InputGate = XGate, GradOutput = Map(incoming, IsMerged ? _op.Shape.Channels : directions * _op.Shape.Channels),
            Hidden = (void*)hidden, Winners = (byte*)winners, GradX = (void*)gradX, GradGuidance = (void*)gradGuidance, GradInputGate = (void*)gradXGate,
        };
        CudaPropagation.Backward(_memory.Device, _op, BackwardPlan, backward, (void*)_memory.Buffer(BackwardPlan.ScratchBytes));
        return (
            IsMerged ? _memory.Read(output, _op.MapElements * Size) : _memory.Read(hidden, hiddenBytes),
            _memory.Read(gradX, _op.MapElements * Size), _memory.Read(gradGuidance, _op.GateElements * Size), _memory.Read(gradXGate, _op.InputGateElements * Size));
    }

    private CudaMap X => Map(_x, _op.Shape.Channels);

    private CudaMap Guidance => Map(_guidance, _op.Shape.DirectionCount * _op.Shape.Gates * _op.Shape.Groups);

    private CudaMap XGate => Map(_xGate, _op.Shape.DirectionCount * _op.Shape.Groups);

    private CudaMap Map(nint data, int planes)
        => data == 0 ? default : CudaMap.Contiguous((void*)data, Size, _op.Shape.Batch, planes, _op.Shape.Height, _op.Shape.Width);

    private nint Upload(double[] values) => _memory.Buffer(DeviceNumbers.ToBytes(values, _op.Scalar));
}
