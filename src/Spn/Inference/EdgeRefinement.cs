using System.Runtime.CompilerServices;
using Spn.Inference.Layers;
using Spn.Models;
using Spn.Native;
using Spn.Propagation;
using Spn.Simd;

namespace Spn.Inference;

/// <summary>
/// The guidance of <see cref="EdgeGuidance"/>: gates from the colour differences of an image, within which masks are averaged.
/// </summary>
internal sealed unsafe class EdgeRefinement : IGuidance
{
    /// <summary>Gates of an image: four directions of three.</summary>
    private const int GateMaps = 12;

    private const int Flattenings = 2; // tuned on the training sequences: benchmarks/results/edge-guidance.md

    private static readonly Scan s_scan = new(GateNormalization.None, DirectionMerge.Mean);

    private readonly int _width, _height, _rounds, _threads;
    private readonly float _strength;
    private readonly PooledMemory _gates; // [12, H, W]

    /// <summary>The guidance pass.</summary>
    /// <param name="image"><c>[3, height, width]</c>, RGB in 0..1.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="sigma">The colour difference that counts as an edge.</param>
    /// <param name="reach">Pixels over which a scan averages equal colours.</param>
    /// <param name="rounds">The number of times that masks go through the four scans.</param>
    /// <param name="strength">The propagated mask's share in the result.</param>
    /// <param name="threads">The maximum number of threads. The result does not depend on it.</param>
    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    public EdgeRefinement(
        ReadOnlySpan<float> image, int width, int height, float sigma, float reach, int rounds, float strength, int threads)
    {
        (_width, _height, _rounds, _strength, _threads) = (width, height, rounds, strength, threads);
        _gates = new PooledMemory(GateBytes(height, width));
        try
        {
            using WorkspacePool.Lease lease = WorkspacePool.Rent(GuidePlan(height, width), SimdLevels.Best, threads);
            fixed (float* pixels = image)
                Guide(lease.Workspace, new FeatureMaps(pixels, 1, 3, height, width), Gates(_gates.Pointer), sigma, reach);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private FeatureMaps Gates(byte* memory) => new((float*)memory, 1, GateMaps, _height, _width);

    /// <summary>Bytes that both passes take, besides the image and the masks.</summary>
    public static long RequiredBytes(int height, int width, int masks, int rounds)
        => GateBytes(height, width) + Math.Max(GuidePlan(height, width).Bytes, PropagatePlan(Math.Min(masks, MaskPasses.MaxTogether), height, width, rounds).Bytes);

    public void Propagate(ReadOnlySpan<float> masks, Span<float> refined)
    {
        int count = MethodCheck.Masks(masks, refined, _width, _height);
        using PooledMemory.User gates = _gates.Use();
        fixed (float* source = masks, destination = refined)
        {
            for (int first = 0; first < count; first += MaskPasses.MaxTogether)
            {
                int together = Math.Min(MaskPasses.MaxTogether, count - first);
                long offset = (long)first * _height * _width;
                FeatureMaps coarse = new(source + offset, 1, together, _height, _width),
                    output = new(destination + offset, 1, together, _height, _width);
                WorkspacePlan plan = PropagatePlan(together, _height, _width, _rounds);
                using WorkspacePool.Lease lease = WorkspacePool.Rent(plan, SimdLevels.Best, _threads);
                Propagate(lease.Workspace, Gates(gates.Pointer), coarse, output, _rounds, _strength);
            }
        }
    }

    public void Dispose() => _gates.Dispose();

    private static long GateBytes(int height, int width) => (long)sizeof(float) * GateMaps * height * width;

    private static WorkspacePlan GuidePlan(int height, int width)
        => Workspace.Plan(workspace
            => Guide(workspace, new FeatureMaps(null, 1, 3, height, width), new FeatureMaps(null, 1, GateMaps, height, width), 1, 1));

    private static WorkspacePlan PropagatePlan(int count, int height, int width, int rounds) => Workspace.Plan(workspace =>
    {
        var maps = new FeatureMaps(null, 1, count, height, width);
        Propagate(workspace, default, maps, maps, rounds, 0);
    });

    /// <summary>
    /// The photo itself is propagated first, with gates from its own colours, which flattens texture; the final gates come from the
    /// flattened photo.
    /// </summary>
    private static void Guide(Workspace workspace, FeatureMaps image, FeatureMaps gates, float sigma, float reach)
    {
        ComputeGates(workspace, image, gates, sigma, reach);
        FeatureMaps photo = image;
        for (int i = 0; i < Flattenings; i++)
        {
            FeatureMaps flat = workspace.Maps(1, image.Channels, image.Height, image.Width);
            s_scan.Run(workspace, photo, gates, flat);
            ComputeGates(workspace, flat, gates, sigma, reach);
            if (i > 0)
                workspace.Release(photo);
            photo = flat;
        }
        workspace.Release(photo);
    }

    private static void ComputeGates(Workspace workspace, FeatureMaps photo, FeatureMaps gates, float sigma, float reach)
    {
        if (!workspace.IsPlanning)
            EdgeGates.Compute(photo.Data, gates.Data, photo.Width, photo.Height, sigma, reach, workspace.Threads);
    }

    private static void Propagate(Workspace workspace, FeatureMaps gates, FeatureMaps masks, FeatureMaps refined, int rounds,
        float strength)
    {
        FeatureMaps x = masks;
        for (int round = 0; round < rounds; round++)
        {
            FeatureMaps next = workspace.Maps(1, masks.Channels, masks.Height, masks.Width);
            s_scan.Run(workspace, x, gates, next);
            if (round > 0)
                workspace.Release(x);
            x = next;
        }
        workspace.Run(new MixJob { Masks = masks, Propagated = x, Refined = refined, Strength = strength }, masks.Channels * masks.Height);
        workspace.Release(x);
    }

    /// <summary>(1 - strength) · mask + strength · propagated, which rounding may carry out of 0..1 by an ulp.</summary>
    private struct MixJob : ISimdJob
    {
        public FeatureMaps Masks, Propagated, Refined;
        public float Strength;

        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly MixJob job = ref *(MixJob*)state;
            nint at = (nint)unit * job.Masks.Width;
            float* mask = job.Masks.Data + at, propagated = job.Propagated.Data + at, refined = job.Refined.Data + at;
            Mix<SimdScalar<float>>(mask, propagated, refined, job.Strength,
                Mix<V>(mask, propagated, refined, job.Strength, 0, job.Masks.Width), job.Masks.Width);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static int Mix<V>(float* mask, float* propagated, float* refined, float strength, int from, int count)
            where V : unmanaged, ISimdVector<V, float>
        {
            V share = V.Broadcast(strength), kept = V.Broadcast(1 - strength), one = V.Broadcast(1);
            for (; from + V.Width <= count; from += V.Width)
            {
                V a = V.Load(mask + from), b = V.Load(propagated + from), apart = b - a;

                // From the nearer end, so that a strength of 0 or 1 gives one of the two to the bit.
                V mixed = strength < 0.5f ? a + share * apart : b - kept * apart;
                V.Store(V.Min(one, V.Max(default, mixed)), refined + from);
            }
            return from;
        }
    }
}
