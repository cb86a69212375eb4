using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>The maximum of every 2x2 pixels of channels-last maps.</summary>
internal static unsafe class MaxPool
{
    /// <param name="workspace">What runs it.</param>
    /// <param name="input"><c>[2·h, 2·w, C]</c>.</param>
    /// <param name="output"><c>[h, w, C]</c>.</param>
    public static void Run(Workspace workspace, PixelMaps input, PixelMaps output)
        => workspace.Run(new Job { Input = input, Output = output }, output.Height);

    private struct Job : ISimdJob
    {
        public PixelMaps Input, Output;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            int stride = job.Output.Stride;
            float* upper = job.Input.At(2 * unit, 0), lower = job.Input.At(2 * unit + 1, 0), output = job.Output.At(unit, 0);
            for (int x = 0; x < job.Output.Width; x++, upper += 2 * stride, lower += 2 * stride, output += stride)
            {
                for (int c = 0; c < stride; c += V.Width)
                {
                    V top = V.Max(V.Load(upper + c), V.Load(upper + stride + c)),
                        bottom = V.Max(V.Load(lower + c), V.Load(lower + stride + c));
                    V.Store(V.Max(top, bottom), output + c);
                }
            }
        }
    }
}
