using Spn.Simd;
using Xunit;

namespace Spn.Tests.Simd;

/// <summary>Operations of the SIMD kit against scalar code, for every vector width that the machine has.</summary>
public sealed unsafe class SimdVectorTests
{
    private const int Count = 64;

    public static TheoryData<int> Levels => [.. Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported).Select(level => (int)level)];

    [Theory, MemberData(nameof(Levels))]
    public void Interleaving_and_its_inverse(int level)
    {
        float* buffer = stackalloc float[3 * Count];
        for (int i = 0; i < Count; i++)
            buffer[i] = i;
        new Span<float>(buffer + Count, 2 * Count).Fill(float.NaN);
        SimdJob.Run(new InterleaveJob { Input = buffer, Output = buffer + Count }, 1, (SimdLevel)level, 1);
        int width = Math.Max(1, level / 32);
        for (int i = 0; i < 2 * width; i++)
        {
            Assert.Equal(i % 2 * width + i / 2, buffer[Count + i]);
            Assert.Equal(i < width ? 2 * i : 2 * (i - width) + 1, buffer[2 * Count + i]);
        }
    }

    [Theory, MemberData(nameof(Levels))]
    public void Logarithm_and_exponential(int level)
    {
        float* buffer = stackalloc float[3 * Count];
        for (int i = 0; i < Count; i++)
            buffer[i] = 0.01f * MathF.Pow(1.16f, i);
        SimdJob.Run(new LogarithmJob { Input = buffer, Output = buffer + Count }, 1, (SimdLevel)level, 1);
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(Math.Log(buffer[i]), buffer[Count + i], 1e-5);
            Assert.Equal(Math.Exp(-buffer[i]), buffer[2 * Count + i], 1e-6);
        }
    }

    private struct InterleaveJob : ISimdJob
    {
        public float* Input, Output;

        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly InterleaveJob job = ref *(InterleaveJob*)state;
            V a = V.Load(job.Input), b = V.Load(job.Input + V.Width);
            V.Interleave(a, b, out V low, out V high);
            V.Store(low, job.Output);
            V.Store(high, job.Output + V.Width);
            V.Deinterleave(a, b, out V even, out V odd);
            V.Store(even, job.Output + Count);
            V.Store(odd, job.Output + Count + V.Width);
        }
    }

    private struct LogarithmJob : ISimdJob
    {
        public float* Input, Output;

        public static void Run<V>(void* state, int unit)
            where V : unmanaged, ISimdVector<V, float>
        {
            ref readonly LogarithmJob job = ref *(LogarithmJob*)state;
            for (int i = 0; i < Count; i += V.Width)
            {
                V.Store(V.Log(V.Load(job.Input + i)), job.Output + i);
                V.Store(V.ExpNonPositive(default(V) - V.Load(job.Input + i)), job.Output + Count + i);
            }
        }
    }
}
