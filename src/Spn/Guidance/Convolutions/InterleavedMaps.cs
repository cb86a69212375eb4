using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// The way from planes of float32 to maps of bfloat16 whose values lie pixel by pixel (channels-last), as libtorch's convolutions like them, and back. Each is one pass over memory, which
/// bounds it; libtorch takes three or four.
/// </summary>
internal static unsafe class InterleavedMaps
{
    private const int Piece = WeightedSums.Piece, RowsPerUnit = 16;

    /// <summary>Blocks of 2x2 pixels as maps (PyTorch's <c>pixel_unshuffle</c>), interleaved.</summary>
    /// <param name="image"><c>[N, C, 2·h, 2·w]</c>, float32.</param>
    /// <returns><c>[N, 4·C, h, w]</c>, bfloat16.</returns>
    public static Tensor Blocks(Tensor image)
    {
        Require(image.dtype == ScalarType.Float32 && image.shape[2] % 2 == 0 && image.shape[3] % 2 == 0, image, nameof(image));
        using DisposeScope scope = NewDisposeScope();
        Tensor planes = MapRuns.Planes(image);
        long n = planes.shape[0], channels = planes.shape[1], height = planes.shape[2] / 2, width = planes.shape[3] / 2;
        Tensor output = empty(n, height, width, 4 * channels, ScalarType.BFloat16, CPU);
        var job = new BlocksJob
        {
            Image = new MapRuns(planes),
            Output = (uint*)TensorMemory.Pointer(output),
            Channels = (int)channels,
            Height = (int)height,
            Width = (int)width,
            Strips = new Strips(n, height, width, RowsPerUnit),
        };
        WorkerTeam.Run(job.Strips.Count, get_num_threads(), &BlocksJob.Run, &job);
        return output.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Interleaved maps as planes of float32, without what was padded on the right and below.</summary>
    /// <param name="maps"><c>[N, C, H, W]</c>, channels-last, bfloat16.</param>
    /// <param name="height">At most H.</param>
    /// <param name="width">At most W.</param>
    /// <returns><c>[N, C, height, width]</c>.</returns>
    public static Tensor Planes(Tensor maps, long height, long width)
    {
        Require(maps.dtype == ScalarType.BFloat16 && height <= maps.shape[2] && width <= maps.shape[3], maps, nameof(maps));
        using DisposeScope scope = NewDisposeScope();
        long n = maps.shape[0], channels = maps.shape[1];
        Tensor pixels = maps.permute(0, 2, 3, 1).contiguous(), output = empty(n, channels, height, width, float32, CPU);
        var job = new PlanesJob
        {
            Maps = (ushort*)TensorMemory.Pointer(pixels),
            Output = new MapRuns(output),
            Channels = (int)channels,
            Rows = (int)maps.shape[2],
            Columns = (int)maps.shape[3],
            Width = (int)width,
            Strips = new Strips(n, height, width, RowsPerUnit),
        };
        WorkerTeam.Run(job.Strips.Count, get_num_threads(), &PlanesJob.Run, &job);
        return output.MoveToOuterDisposeScope();
    }

    /// <summary>What follows reads memory by the shape.</summary>
    private static void Require(bool fits, Tensor maps, string argument)
    {
        if (!fits)
            throw new ArgumentException($"[{string.Join(", ", maps.shape)}] of {maps.dtype} does not fit.", argument);
    }

    private struct BlocksJob
    {
        public MapRuns Image;
        public uint* Output;
        public int Channels, Height, Width;
        public Strips Strips;

        // Two columns of a block lie side by side and stay so: a pair is what moves.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few images would not be enough to earn it
        public static void Run(void* state, int unit)
        {
            ref readonly BlocksJob job = ref *(BlocksJob*)state;
            (int image, int left, int count, int top, int bottom) = job.Strips[unit];
            int pairs = 2 * job.Channels;
            uint* row = stackalloc uint[Piece];
            for (int y = top; y < bottom; y++)
            {
                uint* output = job.Output + (((long)image * job.Height + y) * job.Width + left) * pairs;
                for (int pair = 0; pair < pairs; pair++)
                {
                    Round(job.Image.At(image, pair / 2, (2L * y + pair % 2) * 2 * job.Width + 2 * left), (ushort*)row, 2 * count);
                    for (int x = 0; x < count; x++)
                        output[x * pairs + pair] = row[x];
                }
            }
        }
    }

    private struct PlanesJob
    {
        public ushort* Maps;
        public MapRuns Output;
        public int Channels, Rows, Columns, Width;
        public Strips Strips;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few images would not be enough to earn it
        public static void Run(void* state, int unit)
        {
            ref readonly PlanesJob job = ref *(PlanesJob*)state;
            (int image, int left, int count, int top, int bottom) = job.Strips[unit];
            for (int y = top; y < bottom; y++)
            {
                ushort* pixels = job.Maps + (((long)image * job.Rows + y) * job.Columns + left) * job.Channels;
                for (int channel = 0; channel < job.Channels; channel++)
                {
                    ushort* source = pixels + channel;
                    float* output = job.Output.At(image, channel, (long)y * job.Width + left);
                    for (int x = 0; x < count; x++, source += job.Channels)
                        output[x] = BitConverter.UInt32BitsToSingle((uint)*source << 16);
                }
            }
        }
    }

    /// <summary>To the nearest bfloat16, of two equally near the even one; a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Round(float* values, ushort* rounded, int count)
    {
        const uint QuietNaN = 0x7FC0;
        int i = 0;
        for (; i <= count - 2 * Vector256<float>.Count; i += 2 * Vector256<float>.Count)
            Vector256.Narrow(Bits(Vector256.Load(values + i)), Bits(Vector256.Load(values + i + Vector256<float>.Count))).Store(rounded + i);
        for (; i < count; i++)
            rounded[i] = (ushort)Bits(Vector256.Create(values[i]))[0];

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<uint> Bits(Vector256<float> value)
        {
            Vector256<uint> bits = value.AsUInt32(), even = (bits >>> 16) & Vector256<uint>.One;
            Vector256<uint> nearest = (bits + even + Vector256.Create(0x7FFFu)) >>> 16;
            return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), nearest, Vector256.Create(QuietNaN));
        }
    }
}
