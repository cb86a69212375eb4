using System.Runtime.Intrinsics;
using Spn.Segmentation.Lattice;
using Xunit;

namespace Spn.Segmentation.Tests.Lattice;

public sealed class VectorsTests
{
    [Fact]
    public void The_exponential_is_accurate()
    {
        double worst = 0;
        for (int i = 0; i <= 870_000; i++)
        {
            float x = -i * 1e-4f;
            double expected = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs(Vectors.Exp(Vector256.Create(x))[3] - expected) / expected);
        }
        Assert.InRange(worst, 0, 3e-7);
    }

    [Theory]
    [InlineData(0f, 1f)]
    [InlineData(-88f, 0f)]
    [InlineData(-1e30f, 0f)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void Its_limits_are_exact(float x, float expected) => Assert.Equal(Vector256.Create(expected), Vectors.Exp(Vector256.Create(x)));

    [Fact]
    public void Reductions_see_every_element()
    {
        for (int i = 0; i < 8; i++)
        {
            Vector256<float> one = Vector256<float>.Zero.WithElement(i, 3), low = Vector256.Create(-5f).WithElement(i, -2);
            Assert.Equal(3, Vectors.Sum(one));
            Assert.Equal(-2, Vectors.Max(low));
        }
    }
}
