using System.Runtime.CompilerServices;
using Spn.Propagation.Cpu;
using Spn.Simd;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance.Convolutions;

/// <summary>Blocks of 2x2 pixels as maps (PyTorch's <c>pixel_unshuffle</c>). Inference on the CPU does it in one pass over memory, which bounds it.</summary>
internal static unsafe class PixelBlocks
{
    private const int RowsPerUnit = 16;

    /// <param name="image"><c>[N, C, 2·h, 2·w]</c>, float32.</param>
    /// <returns><c>[N, 4·C, h, w]</c>.</returns>
    public static Tensor Maps(Tensor image)
        => is_grad_enabled() || image.device_type != DeviceType.CPU ? nn.functional.pixel_unshuffle(image, 2) : Split(image, get_num_threads());

    internal static Tensor Split(Tensor image, int threads)
    {
        if (image.dtype != ScalarType.Float32 || image.shape[2] % 2 != 0 || image.shape[3] % 2 != 0)
            throw new ArgumentException($"[{string.Join(", ", image.shape)}] of {image.dtype} does not fit.", nameof(image));
        using DisposeScope scope = NewDisposeScope();
        Tensor planes = MapRuns.Planes(image);
        long n = planes.shape[0], channels = planes.shape[1], height = planes.shape[2] / 2, width = planes.shape[3] / 2;
        Tensor output = empty(n, 4 * channels, height, width, float32, CPU);
        var job = new Job
        {
            Image = new MapRuns(planes),
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
        public MapRuns Image, Output;
        public Strips Strips;
        public int Channels, Width;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)] // at once: a few images would not be enough to earn it
        public static void Run(void* state, int unit)
        {
            ref readonly Job job = ref *(Job*)state;
            (int plane, int left, int count, int top, int bottom) = job.Strips[unit];
            (int image, int channel) = Math.DivRem(plane, job.Channels);
            for (int y = top; y < bottom; y++)
            {
                long pixel = (long)y * job.Width + left;
                for (int row = 0; row < 2; row++)
                {
                    float* source = job.Image.At(image, channel, (2L * y + row) * 2 * job.Width + 2 * left);
                    int map = 4 * channel + 2 * row;
                    WeightedSums.SplitColumns(source, job.Output.At(image, map, pixel), job.Output.At(image, map + 1, pixel), count);
                }
            }
        }
    }
}
