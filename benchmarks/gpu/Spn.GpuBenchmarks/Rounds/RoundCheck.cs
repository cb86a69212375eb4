using Spn.GpuBenchmarks.Device;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Propagation.Cuda;
using Spn.Simd;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>
/// Verifies the result of a measured round: compares its last image with the result of the CPU kernels for the same numbers. A measurement
/// is worthless without this check.
/// </summary>
internal static unsafe class RoundCheck
{
    /// <summary>
    /// The maximum difference relative to the largest value: the float32 errors of both sides, or the rounding to 16 bits.
    /// </summary>
    public static double Tolerance(CudaScalar scalar) => scalar switch
    {
        CudaScalar.Float32 => 2e-5,
        CudaScalar.Float64 => 1e-12,
        CudaScalar.Float16 => 1e-3,
        _ => 5e-3,
    };

    /// <summary>The largest difference in the results of a pass, relative to the largest value; NaN if a result is not a number.</summary>
    public static double Error(Gpu gpu, Round round)
        => round.Case.Pass == Pass.Backward ? BackwardError(gpu, round) : ForwardError(gpu, round, round.Buffers.Output, rounds: 1);

    /// <summary>The same for several forward rounds that reuse the gates, given the location of their result.</summary>
    public static double ForwardError(Gpu gpu, Round round, nint output, int rounds)
    {
        CudaOperator op = round.Case.Operator;
        PropagationShape image = op.Shape with { Batch = 1 };
        int directions = image.DirectionCount;
        float[] x = LastImage(gpu, op, round.Buffers.X, image.Channels);
        float[] guidance = LastImage(gpu, op, round.Buffers.Guidance, directions * image.Gates * image.Groups);
        float[] inputGate = LastImage(gpu, op, round.Buffers.InputGate, op.HasInputGate ? directions * image.Groups : 0);
        for (int i = 0; i < rounds; i++)
        {
            var next = new float[x.Length];
            Forward(image, op, x, guidance, inputGate, next);
            x = next;
        }

        return Difference(x, LastImage(gpu, op, output, image.Channels));
    }

    private static double BackwardError(Gpu gpu, Round round)
    {
        CudaOperator op = round.Case.Operator;
        PropagationShape image = op.Shape with { Batch = 1 };
        RoundBuffers buffers = round.Buffers;
        int directions = image.DirectionCount;
        int gates = directions * image.Gates * image.Groups;
        int inputGates = op.HasInputGate ? directions * image.Groups : 0;
        float[] Last(nint data, int planes) => LastImage(gpu, op, data, planes);
        float[] x = Last(buffers.X, image.Channels);
        float[] guidance = Last(buffers.Guidance, gates);
        float[] inputGate = Last(buffers.InputGate, inputGates);
        // Uses the maps that the device saved, because a pixel with two nearly equal directions could otherwise send its gradient
        // elsewhere.
        byte[] winners = buffers.Winners == 0
            ? []
            : gpu.Download<byte>(buffers.Winners + (nint)((op.Shape.Batch - 1) * (long)image.XSize), (long)image.XSize);
        float[] gradX = new float[image.XSize], gradGuidance = new float[guidance.Length], gradInputGate = new float[inputGate.Length];
        float[] hidden = Last(buffers.Hidden, directions * image.Channels), gradOutput = Last(buffers.GradOutput, image.Channels);
        Backward(image, op, x, guidance, inputGate, hidden, winners, gradOutput, gradX, gradGuidance, gradInputGate);
        return new[]
        {
            Difference(gradX, Last(buffers.GradX, image.Channels)),
            Difference(gradGuidance, Last(buffers.GradGuidance, gates)),
            Difference(gradInputGate, Last(buffers.GradInputGate, inputGates)),
        }.Max();
    }

    /// <summary>The largest difference of two maps, relative to the largest value of the expected one (at least 1).</summary>
    public static double Difference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double largest = 1, difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            double here = Math.Abs(expected[i] - actual[i]);
            difference = double.IsNaN(here) || here > difference ? here : difference;
            if (double.IsNaN(difference))
                return difference;
        }

        return difference / largest;
    }

    private static float[] LastImage(Gpu gpu, CudaOperator op, nint data, int planes)
    {
        long elements = planes * (long)op.Shape.Plane, skipped = (op.Shape.Batch - 1) * elements;
        if (elements == 0)
            return [];
        nint from = data + (nint)(skipped * op.Scalar.Size());
        return op.Scalar switch
        {
            CudaScalar.Float32 => gpu.Download<float>(from, elements),
            CudaScalar.Float64 => Array.ConvertAll(gpu.Download<double>(from, elements), value => (float)value),
            CudaScalar.Float16 => Array.ConvertAll(gpu.Download<Half>(from, elements), value => (float)value),
            _ => Array.ConvertAll(gpu.Download<ushort>(from, elements), bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)),
        };
    }

    private static void Forward(
        in PropagationShape shape, in CudaOperator op, float[] x, float[] guidance, float[] inputGate, float[] output)
    {
        fixed (float* px = x, pg = guidance, pl = inputGate, po = output)
        {
            var job = new ForwardJob<float>
            {
                Shape = shape, Merge = op.Merge, X = px, Guidance = pg, InputGate = op.HasInputGate ? pl : null, Output = po,
            };
            CpuPropagation.Forward(ref job, op.Normalization, Environment.ProcessorCount, SimdLevels.Best);
        }
    }

    private static void Backward(
        in PropagationShape shape, in CudaOperator op, float[] x, float[] guidance, float[] inputGate, float[] hidden, byte[] winners,
        float[] gradOutput,
        float[] gradX, float[] gradGuidance, float[] gradInputGate)
    {
        // Without a maximum over several directions, the winners are not read, except for a single direction, which always wins.
        byte[] won = winners.Length > 0 ? winners : new byte[x.Length];
        fixed (float* px = x, pg = guidance, pl = inputGate, ph = hidden, pr = gradOutput)
        fixed (float* dx = gradX, dg = gradGuidance, dl = gradInputGate)
        fixed (byte* pw = won)
        {
            var job = new BackwardJob<float>
            {
                Shape = shape, Merge = op.Merge, X = px, Guidance = pg, InputGate = op.HasInputGate ? pl : null,
                Hidden = ph, Winners = pw, GradOutput = pr,
                GradX = dx, GradGuidance = dg, GradInputGate = op.HasInputGate ? dl : null,
            };
            CpuPropagation.Backward(ref job, op.Normalization, Environment.ProcessorCount, SimdLevels.Best);
        }
    }
}
