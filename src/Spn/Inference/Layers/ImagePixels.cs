using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>An image's planes to the first channels-last maps: padded, with blocks of pixels as channels (PyTorch's <c>pixel_unshuffle</c>), and normalised.</summary>
internal static unsafe class ImagePixels
{
    private const int Colours = 3;

    /// <param name="workspace">What runs it.</param>
    /// <param name="image"><c>[1, 3, H, W]</c>.</param>
    /// <param name="padding">How the image grows.</param>
    /// <param name="output"><c>[h/block, w/block, 3·block²]</c> of the grown size h x w.</param>
    /// <param name="block">1 or 2.</param>
    /// <param name="mean">Subtracted from each colour; <see langword="null"/> for nothing.</param>
    /// <param name="deviation">What each colour is divided by; <see langword="null"/> for nothing.</param>
    public static void Run(
        Workspace workspace, FeatureMaps image, Padding padding, PixelMaps output, int block, float[]? mean = null, float[]? deviation = null)
    {
        var job = new Job { Image = image, Padding = padding, Output = output, Block = block };
        for (int c = 0; c < Colours; c++)
        {
            job.Scale[c] = 1 / (deviation?[c] ?? 1);
            job.Shift[c] = -(mean?[c] ?? 0) * job.Scale[c];
        }
        workspace.Run(job, output.Height);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Image;
        public Padding Padding;
        public PixelMaps Output;
        public int Block;
        public fixed float Scale[Colours], Shift[Colours];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref Job job = ref *(Job*)state;
            int block = job.Block, channels = Colours * block * block, stride = job.Output.Stride, whole = job.Padding.IsFlipped ? 0 : job.Image.Width / block;
            float** rows = stackalloc float*[Colours * 2];
            float* scale = stackalloc float[Colours * 2], shift = stackalloc float[Colours * 2];
            int count = Colours * block;
            for (int i = 0; i < count; i++)
            {
                rows[i] = job.Image.At(0, i / block, (long)job.Padding.Row(unit * block + i % block) * job.Image.Width);
                (scale[i], shift[i]) = (job.Scale[i / block], job.Shift[i / block]);
            }
            float* output = job.Output.At(unit, 0);
            for (int x = 0; x < job.Output.Width; x++, output += stride)
            {
                for (int dx = 0; dx < block; dx++)
                {
                    int column = x < whole ? x * block + dx : job.Padding.Column(x * block + dx);
                    for (int i = 0; i < count; i++)
                        output[i * block + dx] = rows[i][column] * scale[i] + shift[i];
                }
                for (int c = channels; c < stride; c++)
                    output[c] = 0;
            }
        }
    }
}
