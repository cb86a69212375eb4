using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// Maps plus maps of half the size, upsampled by nearest neighbour: a decoder's skip connection, in one pass that memory bounds.
/// </summary>
internal static unsafe class UpsampleAdd
{
    private const int RowsPerUnit = 32;

    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[N, C, 2·h, 2·w]</c>.</param>
    /// <param name="small"><c>[N, C, h, w]</c>.</param>
    /// <param name="output"><c>[N, C, 2·h, 2·w]</c>; may be the maps.</param>
    public static void Run(Workspace workspace, FeatureMaps maps, FeatureMaps small, FeatureMaps output)
    {
        var tiles = new Tiles(small.Images * small.Channels, small.Height, small.Width, RowsPerUnit);
        workspace.Run(new Job { Maps = maps, Small = small, Output = output, Tiles = tiles }, tiles.Count);
    }

    /// <summary>The same for maps in channels-last order, in place.</summary>
    /// <param name="workspace">What runs it.</param>
    /// <param name="maps"><c>[2·h, 2·w, C]</c>, to which is added.</param>
    /// <param name="small"><c>[h, w, C]</c>.</param>
    public static void Run(Workspace workspace, PixelMaps maps, PixelMaps small)
        => workspace.Run(new PixelJob { Maps = maps, Small = small }, small.Height);

    private struct Job : ISimdJob
    {
        public FeatureMaps Maps, Small, Output;
        public Tiles Tiles;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int map, int left, int count, int top, int bottom) = job.Tiles[unit];
            (int image, int channel) = Math.DivRem(map, job.Small.Channels);
            int width = job.Small.Width;
            for (int y = top; y < bottom; y++)
            {
                float* small = job.Small.At(image, channel, (long)y * width + left);
                for (long pixel = 4L * y * width + 2 * left, row = 0; row < 2; row++, pixel += 2L * width)
                {
                    float* maps = job.Maps.At(image, channel, pixel), output = job.Output.At(image, channel, pixel);
                    Add<SimdScalar<float>>(small, maps, output, Add<V>(small, maps, output, 0, count), count);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Add<V>(float* small, float* maps, float* output, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (; from + V.Width <= count; from += V.Width)
            {
                V value = V.Load(small + from);
                V.Interleave(value, value, out V low, out V high);
                V.Store(low + V.Load(maps + 2 * from), output + 2 * from);
                V.Store(high + V.Load(maps + 2 * from + V.Width), output + 2 * from + V.Width);
            }
            return from;
        }
    }

    private struct PixelJob : ISimdJob
    {
        public PixelMaps Maps, Small;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly PixelJob job = ref *(PixelJob*)state;
            int stride = job.Small.Stride;
            for (int row = 0; row < 2; row++)
            {
                float* small = job.Small.At(unit, 0), maps = job.Maps.At(2 * unit + row, 0);
                for (int x = 0; x < job.Small.Width; x++, small += stride, maps += 2 * stride)
                {
                    for (int c = 0; c < stride; c += V.Width)
                    {
                        V value = V.Load(small + c);
                        V.Store(value + V.Load(maps + c), maps + c);
                        V.Store(value + V.Load(maps + stride + c), maps + stride + c);
                    }
                }
            }
        }
    }
}
