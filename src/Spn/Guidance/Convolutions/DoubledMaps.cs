using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Spn.Native;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>
/// A decoder's step up: maps of half the size, every pixel of them 2x2, added to maps. Inference on the CPU does it in one pass over planes of float32, which memory bounds; libtorch writes the doubled maps
/// and reads them again.
/// </summary>
internal static unsafe class DoubledMaps
{
    private const int RowsPerUnit = 32;

    /// <param name="maps"><c>[N, C, 2·h, 2·w]</c>.</param>
    /// <param name="small"><c>[N, C, h, w]</c>.</param>
    /// <returns>Their sum, as large as the maps.</returns>
    public static Tensor Add(Tensor maps, Tensor small)
        => is_grad_enabled() || maps.device_type != DeviceType.CPU || maps.dtype != ScalarType.Float32 || small.dtype != ScalarType.Float32
            ? Composed(maps, small)
            : Fused(maps, small, get_num_threads());

    /// <summary>In operations of libtorch, for training, for CUDA and for maps of another type.</summary>
    internal static Tensor Composed(Tensor maps, Tensor small)
        => nn.functional.interpolate(small, size: [2 * small.shape[2], 2 * small.shape[3]], mode: InterpolationMode.Nearest).add_(maps, Scalars.One);

    internal static Tensor Fused(Tensor maps, Tensor small, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor large = MapRuns.Planes(maps), half = MapRuns.Planes(small);
        long n = half.shape[0], channels = half.shape[1], height = half.shape[2], width = half.shape[3];
        if (!large.shape.SequenceEqual([n, channels, 2 * height, 2 * width]))
            throw new ArgumentException($"Maps [{string.Join(", ", maps.shape)}] are not twice as large as [{string.Join(", ", small.shape)}].", nameof(maps));
        Tensor output = empty(n, channels, 2 * height, 2 * width, float32, CPU);
        var job = new Job
        {
            Large = new MapRuns(large),
            Half = new MapRuns(half),
            Output = new MapRuns(output),
            Channels = (int)channels,
            Width = (int)width,
            Strips = new Strips(n * channels, height, width, RowsPerUnit),
        };
        WorkerTeam.Run(job.Strips.Count, threads, &Job.Run, &job);
        return output.MoveToOuterDisposeScope();
    }

    private struct Job
    {
        public MapRuns Large, Half, Output;
        public Strips Strips;
        public int Channels, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few masks would not be enough to earn it
        public static void Run(void* state, int unit)
        {
            ref readonly Job job = ref *(Job*)state;
            (int map, int left, int count, int top, int bottom) = job.Strips[unit];
            (int image, int channel) = Math.DivRem(map, job.Channels);
            for (int y = top; y < bottom; y++)
            {
                float* small = job.Half.At(image, channel, (long)y * job.Width + left);
                for (long pixel = 4L * y * job.Width + 2 * left, row = 0; row < 2; row++, pixel += 2L * job.Width)
                    Add(small, job.Large.At(image, channel, pixel), job.Output.At(image, channel, pixel), count);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Add(float* small, float* large, float* output, int count)
        {
            int i = 0;
            for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                Vector256<float> value = Vector256.Load(small + i);
                Vector256<float> left = Vector256.Shuffle(value, Vector256.Create(0, 0, 1, 1, 2, 2, 3, 3)), right = Vector256.Shuffle(value, Vector256.Create(4, 4, 5, 5, 6, 6, 7, 7));
                (left + Vector256.Load(large + 2 * i)).Store(output + 2 * i);
                (right + Vector256.Load(large + 2 * i + Vector256<float>.Count)).Store(output + 2 * i + Vector256<float>.Count);
            }
            for (; i < count; i++)
            {
                output[2 * i] = small[i] + large[2 * i];
                output[2 * i + 1] = small[i] + large[2 * i + 1];
            }
        }
    }
}
