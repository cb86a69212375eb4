using Spn.Propagation.Cpu;
using Spn.Simd;
using Xunit;

namespace Spn.Tests.Guidance.Convolutions;

/// <summary>Cases for the one-pass convolutions.</summary>
internal static class OnePass
{
    /// <summary>Each shape with each vector width that the machine has.</summary>
    public static TheoryData<int, int, int, int, int> Cases(params (int, int, int, int)[] shapes)
    {
        var cases = new TheoryData<int, int, int, int, int>();
        foreach (SimdLevel level in Enum.GetValues<SimdLevel>().Where(SimdLevels.IsSupported))
        {
            foreach ((int a, int b, int height, int width) in shapes)
                cases.Add((int)level, a, b, height, width);
        }
        return cases;
    }
}
