using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>Copies of planes: padded, cropped, cut, averaged with a mirror image.</summary>
internal static unsafe class PlaneCopies
{
    private const int RowsPerUnit = 32;

    /// <summary>Grows every plane.</summary>
    /// <param name="workspace">What runs it.</param>
    /// <param name="input"><c>[N, C, h, w]</c>.</param>
    /// <param name="output"><c>[N, C, H, W]</c>, of the padding's size.</param>
    /// <param name="padding">How.</param>
    /// <param name="logits">Whether probabilities become log-odds on the way.</param>
    public static void Pad(Workspace workspace, FeatureMaps input, FeatureMaps output, Padding padding, bool logits = false)
        => Run(workspace, new Job { Input = input, Output = output, Padding = padding, Logits = logits });

    /// <summary>The top left part of every plane, or its mean with the mirror image's.</summary>
    /// <param name="workspace">What runs it.</param>
    /// <param name="input"><c>[N, C, H, W]</c>.</param>
    /// <param name="output"><c>[N, C, h, w]</c>, h ≤ H and w ≤ W.</param>
    /// <param name="mirrored">As the input, left and right exchanged; or none.</param>
    public static void Crop(Workspace workspace, FeatureMaps input, FeatureMaps output, FeatureMaps mirrored = default)
        => Run(workspace, new Job { Input = input, Output = output, Padding = new Padding(output.Height, output.Width, 1),
            Mirrored = mirrored });

    /// <summary>A part of one image's planes.</summary>
    /// <param name="input"><c>[1, C, H, W]</c>.</param>
    /// <param name="part"><c>[1, C, h, w]</c>, which it has to hold.</param>
    /// <param name="top">The part's first row.</param>
    /// <param name="left">The part's first column.</param>
    /// <param name="threads">The maximum number of threads.</param>
    public static void Cut(FeatureMaps input, FeatureMaps part, int top, int left, int threads)
    {
        var job = new CutJob { Input = input, Part = part, Top = top, Left = left };
        WorkerTeam.Run(part.Channels, threads, &CutJob.Run, &job);
    }

    private static void Run(Workspace workspace, Job job)
    {
        job.Parts = (job.Output.Height + RowsPerUnit - 1) / RowsPerUnit;
        workspace.Run(job, job.Output.Images * job.Output.Channels * job.Parts);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Input, Output, Mirrored;
        public Padding Padding;
        public bool Logits;
        public int Parts;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int map, int part) = Math.DivRem(unit, job.Parts);
            (int image, int channel) = Math.DivRem(map, job.Output.Channels);
            int width = job.Output.Width, whole = job.Padding.IsFlipped ? 0 : Math.Min(width, job.Input.Width);
            for (int y = part * RowsPerUnit; y < Math.Min((part + 1) * RowsPerUnit, job.Output.Height); y++)
            {
                float* output = job.Output.At(image, channel, (long)y * width);
                float* input = job.Input.At(image, channel, (long)job.Padding.Row(y) * job.Input.Width);
                Unsafe.CopyBlockUnaligned(output, input, (uint)whole * sizeof(float));
                for (int x = whole; x < width; x++)
                    output[x] = input[job.Padding.Column(x)];
                if (!job.Mirrored.IsNone)
                {
                    float* last = job.Mirrored.At(image, channel, (long)(y + 1) * job.Mirrored.Width - 1);
                    for (int x = 0; x < width; x++)
                        output[x] = (output[x] + last[-x]) * 0.5f;
                }
                if (job.Logits)
                    Logit<SimdScalar<float>>(output, Logit<V>(output, 0, width), width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Logit<V>(float* row, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            for (; from + V.Width <= count; from += V.Width)
                V.Store(LogitBlend.Logit(V.Load(row + from)), row + from);
            return from;
        }
    }

    private struct CutJob
    {
        public FeatureMaps Input, Part;
        public int Top, Left;

        public static void Run(void* state, int channel)
        {
            ref readonly CutJob job = ref *(CutJob*)state;
            for (int y = 0; y < job.Part.Height; y++)
            {
                float* row = job.Input.At(0, channel, (long)(job.Top + y) * job.Input.Width + job.Left);
                Unsafe.CopyBlockUnaligned(job.Part.At(0, channel, (long)y * job.Part.Width), row, (uint)job.Part.Width * sizeof(float));
            }
        }
    }
}
