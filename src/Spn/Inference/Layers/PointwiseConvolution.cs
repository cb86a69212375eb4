using System.Runtime.CompilerServices;
using Spn.Simd;

namespace Spn.Inference.Layers;

/// <summary>
/// A 1x1 convolution over planes with what follows it, in one pass: y = W·x + b + own + shared, and a ReLU if wanted. It is bound by memory
/// traffic.
/// </summary>
/// <remarks>
/// A unit of work is a run of pixels of one image. The inputs' pieces are first copied to lie together, because the maps lie a power of two
/// apart, so that their pieces would evict each other from the caches. Then they are summed (<see cref="DotKernel"/>).
/// </remarks>
internal sealed unsafe class PointwiseConvolution
{
    private const int TileWidth = DotKernel.TileWidth, OutputBlock = DotKernel.OutputBlock, TilesPerUnit = 32;

    private readonly DotWeights _weights;

    /// <param name="weights">Of a 1x1 kernel.</param>
    public PointwiseConvolution(ConvolutionWeights weights)
        => _weights = new DotWeights(weights.Weight, weights.Bias, weights.Outputs, weights.Inputs);

    /// <param name="workspace">What runs it.</param>
    /// <param name="input">x, <c>[N, in, h, w]</c>.</param>
    /// <param name="output">y, <c>[N, out, h, w]</c>.</param>
    /// <param name="own">Added, <c>[N, out, h, w]</c>, or none.</param>
    /// <param name="shared">Added to the maps of all images, <c>[1, out, h, w]</c>, or none.</param>
    /// <param name="relu">Whether negative results become 0.</param>
    public void Run(Workspace workspace, FeatureMaps input, FeatureMaps output, FeatureMaps own = default, FeatureMaps shared = default,
        bool relu = false)
    {
        long pixels = output.Plane, pixelsPerUnit = TileWidth * TilesPerUnit;
        var job = new Job
        {
            Input = input,
            Own = own,
            Shared = shared,
            Output = output,
            Kernel = _weights.Kernel,
            Units = (int)((pixels + pixelsPerUnit - 1) / pixelsPerUnit),
            Relu = relu,
            NonTemporal = CachePolicy.ExceedsCache(output.Count),
        };
        workspace.Run(job, input.Images * job.Units);
    }

    private struct Job : ISimdJob
    {
        public FeatureMaps Input, Own, Shared, Output;
        public DotKernel Kernel;
        public int Units;
        public bool Relu, NonTemporal;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly Job job = ref *(Job*)state;
            (int image, int part) = Math.DivRem(unit, job.Units);
            long begin = (long)part * TileWidth * TilesPerUnit, end = Math.Min(begin + TileWidth * TilesPerUnit, job.Output.Plane);
            int inputs = job.Kernel.Inputs, outputs = job.Output.Channels;
            using Scratch.Lease lease = Scratch.Rent((nint)((inputs + OutputBlock) * TileWidth + inputs) * sizeof(float));
            float* pieces = (float*)lease.Pointer, sums = pieces + inputs * TileWidth;
            int* offsets = (int*)(sums + OutputBlock * TileWidth);
            for (int i = 0; i < inputs; i++)
                offsets[i] = i * TileWidth;
            for (long at = begin; at < end; at += TileWidth)
            {
                int count = (int)Math.Min(TileWidth, end - at);
                for (int i = 0; i < inputs; i++)
                    Unsafe.CopyBlockUnaligned(pieces + offsets[i], job.Input.At(image, i, at), (uint)count * sizeof(float));
                int ahead = (int)Math.Min(TileWidth, end - at - count), blocks = DotKernel.Padded(outputs) / OutputBlock;
                for (int o = 0; o < outputs; o += OutputBlock)
                {
                    // While these are summed: what is added to them, and a part of the next pieces.
                    int block = Math.Min(OutputBlock, outputs - o);
                    for (int i = 0; i < block; i++)
                    {
                        CachePolicy.Prefetch(job.Own.At(image, o + i, at), count);
                        CachePolicy.Prefetch(job.Shared.At(0, o + i, at), count);
                    }
                    for (int i = o / OutputBlock; i < inputs; i += blocks)
                        CachePolicy.Prefetch(job.Input.At(image, i, at + count), ahead);
                    job.Kernel.Accumulate<V>(o, pieces, offsets, sums, count);
                    for (int i = 0; i < block; i++)
                    {
                        float* own = job.Own.At(image, o + i, at), shared = job.Shared.At(0, o + i, at),
                            output = job.Output.At(image, o + i, at);
                        DotKernel.StoreEpilogue<V>(sums + i * TileWidth, own, shared, job.Relu, output, count, job.NonTemporal);
                    }
                }
            }
            CachePolicy.StoreFence(job.NonTemporal);
        }
    }
}
