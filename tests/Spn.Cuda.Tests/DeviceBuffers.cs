using System.Runtime.InteropServices;
using Spn.Propagation;
using Spn.Propagation.Cuda;

namespace Spn.Cuda.Tests;

/// <summary>The buffers of one round, each of exactly the bytes that it needs, with random inputs. Nothing is at home here but the round.</summary>
internal sealed unsafe class DeviceBuffers : IDisposable
{
    private readonly List<(nint Start, long Bytes, bool Writable)> _all = [];
    private readonly List<nint> _blocks = [];
    private readonly Random _random = new(1);
    private readonly CudaOperator _op;

    /// <param name="op">The operator.</param>
    /// <param name="padding">Elements between the rows of inputs that belong to nobody; an odd number also moves their start, so that rows are not aligned.</param>
    public DeviceBuffers(CudaOperator op, int padding)
    {
        _op = op;
        PropagationShape shape = op.Shape;
        int directions = shape.DirectionCount;
        bool merged = op.Merge != DirectionMerge.None;
        CudaMap x = Input(shape.Channels, padding), guidance = Input(directions * shape.Gates * shape.Groups, padding);
        CudaMap xGate = op.HasInputGate ? Input(directions * shape.Groups, padding) : default;
        void* hidden = Output(op.MapElements * directions * op.Scalar.Size());
        byte* winners = op.Merge == DirectionMerge.Max ? (byte*)Output(op.MapElements) : null;
        Forward = new CudaForwardJob
        {
            X = x, Guidance = guidance, InputGate = xGate, Hidden = hidden, Winners = winners, Output = merged ? Output(op.MapElements * op.Scalar.Size()) : null,
        };
        Backward = new CudaBackwardJob
        {
            X = x, Guidance = guidance, InputGate = xGate, Hidden = hidden, Winners = winners, GradOutput = Input(merged ? shape.Channels : directions * shape.Channels, padding),
            GradX = Output(op.MapElements * op.Scalar.Size()),
            GradGuidance = Output(op.GateElements * op.Scalar.Size()),
            GradInputGate = op.HasInputGate ? Output(op.InputGateElements * op.Scalar.Size()) : null,
        };
    }

    /// <summary>Keeps every direction's map for <see cref="Backward"/>.</summary>
    public CudaForwardJob Forward { get; }

    public CudaBackwardJob Backward { get; }

    /// <summary>What kernels may touch: inputs row by row.</summary>
    public IEnumerable<(nint Start, long Bytes, bool Writable)> All => _all;

    public void* Output(long bytes)
    {
        void* start = Allocate(bytes);
        _all.Add(((nint)start, bytes, true));
        return start;
    }

    private void* Allocate(long bytes)
    {
        void* start = NativeMemory.AlignedAlloc((nuint)bytes, 256);
        new Span<byte>(start, checked((int)bytes)).Fill(0xff);
        _blocks.Add((nint)start);
        return start;
    }

    private CudaMap Input(int channels, int padding)
    {
        PropagationShape shape = _op.Shape;
        int size = _op.Scalar.Size(), row = shape.Width + padding;
        long rows = (long)shape.Batch * channels * shape.Height;
        byte* start = (byte*)Allocate(rows * row * size + size) + padding % 2 * size;
        for (long y = 0; y < rows; y++)
        {
            byte* at = start + y * row * size;
            for (int i = 0; i < shape.Width; i++)
                Write(at + i * size, _random.NextDouble() * 2 - 1);
            _all.Add(((nint)at, shape.Width * size, false));
        }

        long plane = (long)shape.Height * row;
        return new CudaMap(start, size, [shape.Batch, channels, shape.Height, shape.Width], [channels * plane, plane, row, 1]);
    }

    private void Write(byte* at, double value)
    {
        switch (_op.Scalar)
        {
            case CudaScalar.Float64: *(double*)at = value; break;
            case CudaScalar.Float32: *(float*)at = (float)value; break;
            case CudaScalar.Float16: *(Half*)at = (Half)value; break;
            default: *(ushort*)at = (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16); break;
        }
    }

    public void Dispose() => _blocks.ForEach(block => NativeMemory.AlignedFree((void*)block));
}
