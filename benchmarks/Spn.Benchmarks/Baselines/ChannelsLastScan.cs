using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Spn.Benchmarks.Baselines;

/// <summary>
/// A scan in the rejected channels-last layout, kept for comparison: a vector holds 16 channels of one pixel, and no direction needs a
/// transpose. x and output are [H, W, C], gates [H, W, 4, 3, G]. It uses one thread, 512-bit vectors, normalised gates and a running
/// maximum, and prefetches the next line.
/// </summary>
internal static unsafe class ChannelsLastScan
{
    public static bool IsSupported => Vector512.IsHardwareAccelerated && Sse.IsSupported;

    /// <summary>Scratch memory for two lines, each with one pixel of padding on both sides.</summary>
    public static int StateSize(PropagationProblem problem) => 2 * (problem.Size + 2) * problem.Channels;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(PropagationProblem problem, float* x, float* gates, float* output, float* state)
    {
        (int channels, int size, bool shared) = (problem.Channels, problem.Size, problem.Groups == 1);
        nint gatesPerPixel = 12 * problem.Groups;
        nint stateLine = (nint)(size + 2) * channels;
        new Span<float>(state, StateSize(problem)).Clear();
        for (int d = 0; d < 4; d++)
        {
            (nint pixelStep, nint lineStep) = d < 2 ? ((nint)size, (nint)1) : (1, size);
            nint ahead = d % 2 == 1 ? -lineStep : lineStep;
            for (int t = 0; t < size; t++)
            {
                nint line = (d % 2 == 1 ? size - 1 - t : t) * lineStep;
                float* previous = state + t % 2 * stateLine + channels;
                float* current = state + (t + 1) % 2 * stateLine + channels;
                for (int i = 0; i < size; i++)
                {
                    nint pixel = line + i * pixelStep;
                    float* p = gates + pixel * gatesPerPixel + d * 3 * problem.Groups;
                    for (int c = 0; c < channels; c += Vector512<float>.Count)
                    {
                        float* own = x + pixel * channels + c;
                        Sse.Prefetch0(own + ahead * channels);
                        Vector512<float> value = Vector512.Load(own), h = value;
                        if (t > 0)
                        {
                            Vector512<float> p0 = default, p1, p2 = default;
                            if (shared)
                            {
                                p0 = Vector512.Create(i > 0 ? p[0] : 0);
                                p1 = Vector512.Create(p[1]);
                                p2 = Vector512.Create(i < size - 1 ? p[2] : 0);
                            }
                            else
                            {
                                float* gate = p + c;
                                for (int k = 0; k < 3; k++)
                                    Sse.Prefetch0(gate + k * channels + ahead * gatesPerPixel);
                                p0 = i > 0 ? Vector512.Load(gate) : default;
                                p1 = Vector512.Load(gate + channels);
                                p2 = i < size - 1 ? Vector512.Load(gate + 2 * channels) : default;
                            }

                            float* neighbour = previous + i * channels + c;
                            h = Vector512.FusedMultiplyAdd(p0, Vector512.Load(neighbour - channels) - value, h);
                            h = Vector512.FusedMultiplyAdd(p1, Vector512.Load(neighbour) - value, h);
                            h = Vector512.FusedMultiplyAdd(p2, Vector512.Load(neighbour + channels) - value, h);
                        }

                        h.Store(current + i * channels + c);
                        float* merged = output + pixel * channels + c;
                        (d == 0 ? h : Vector512.MaxNative(Vector512.Load(merged), h)).Store(merged);
                    }
                }
            }
        }
    }
}
