using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// An image's planes to the first channels-last maps: padded, and either with blocks of 2x2 pixels as channels (PyTorch's
/// <c>pixel_unshuffle</c>) or normalised.
/// </summary>
[SkipLocalsInit]
internal static unsafe class ImagePixels
{
    private const int Colours = 3;

    /// <param name="workspace">What runs it.</param>
    /// <param name="image"><c>[1, 3, H, W]</c>.</param>
    /// <param name="padding">How the image grows.</param>
    /// <param name="output"><c>[h/2, w/2, 12]</c> of the grown size h x w.</param>
    public static void Unshuffle(Workspace workspace, FeatureMaps image, Padding padding, PixelMaps output)
        => workspace.Run(new Job { Image = image, Padding = padding, Output = output, Block = 2 }, output.Height);

    /// <param name="workspace">What runs it.</param>
    /// <param name="image"><c>[1, 3, H, W]</c>.</param>
    /// <param name="padding">How the image grows.</param>
    /// <param name="output"><c>[h, w, 3]</c> of the grown size h x w.</param>
    /// <param name="mean">Subtracted from each colour.</param>
    /// <param name="deviation">What each colour is divided by.</param>
    public static void Normalize(Workspace workspace, FeatureMaps image, Padding padding, PixelMaps output, float[] mean, float[] deviation)
    {
        var job = new Job { Image = image, Padding = padding, Output = output, Block = 1 };
        for (int c = 0; c < Colours; c++)
        {
            job.Scale[c] = 1 / deviation[c];
            job.Shift[c] = -mean[c] * job.Scale[c];
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
            if (job.Block == 2)
                job.Unshuffle<V>(unit);
            else
                job.Normalize<V>(unit);
        }

        /// <summary>A row of 2x2 blocks: two neighbours in a row of the image are two neighbouring channels.</summary>
        private readonly void Unshuffle<V>(int y)
            where V : unmanaged, ISimdVector<V, float>
        {
            const int Pairs = 2 * Colours;
            float** rows = stackalloc float*[Pairs];
            for (int i = 0; i < Pairs; i++)
                rows[i] = Image.At(0, i / 2, (long)Padding.Row(2 * y + i % 2) * Image.Width);
            int whole = Padding.IsFlipped ? 0 : Image.Width / 2, stride = Output.Stride;
            float* output = Output.At(y, 0);
            for (int x = 0; x < Output.Width; x++, output += stride)
            {
                for (int c = 0; c < stride; c += V.Width)
                    V.Store(default, output + c);
                if (x < whole)
                {
                    for (int i = 0; i < Pairs; i++)
                        ((ulong*)output)[i] = ((ulong*)rows[i])[x];
                    continue;
                }
                int left = Padding.Column(2 * x), right = Padding.Column(2 * x + 1);
                for (int i = 0; i < Pairs; i++)
                    (output[2 * i], output[2 * i + 1]) = (rows[i][left], rows[i][right]);
            }
        }

        private void Normalize<V>(int y)
            where V : unmanaged, ISimdVector<V, float>
        {
            int stride = Output.Stride;
            float* output = Output.At(y, 0);
            for (int x = 0; x < Output.Width; x++, output += stride)
            {
                for (int c = 0; c < stride; c += V.Width)
                    V.Store(default, output + c);
                long pixel = (long)Padding.Row(y) * Image.Width + Padding.Column(x);
                for (int c = 0; c < Colours; c++)
                    output[c] = *Image.At(0, c, pixel) * Scale[c] + Shift[c];
            }
        }
    }
}
