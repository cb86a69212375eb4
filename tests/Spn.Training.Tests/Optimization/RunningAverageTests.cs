using Spn.Training.Optimization;
using TorchSharp;
using Xunit;

namespace Spn.Training.Tests.Optimization;

public sealed class RunningAverageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void It_keeps_a_share_each_step_and_less_at_first(double decay)
    {
        using torch.Tensor start = torch.tensor([7f, -3f]);
        using var average = new RunningAverage(start, decay);
        double[] expected = [7, -3];
        for (int step = 0; step < 120; step++)
        {
            using torch.Tensor vector = torch.tensor([(float)Math.Sin(step), step]);
            average.Add(vector, step);
            double kept = Math.Min(decay, (1.0 + step) / (10 + step));
            expected[0] = kept * expected[0] + (1 - kept) * Math.Sin(step);
            expected[1] = kept * expected[1] + (1 - kept) * step;
            Assert.Equal(expected[0], average.Value[0].item<float>(), 1e-5);
            Assert.Equal(expected[1], average.Value[1].item<float>(), 1e-3);
        }
        Assert.Equal([7f, -3f], start.data<float>().ToArray());
    }

    [Fact]
    public void The_first_step_leaves_a_tenth_of_the_start()
    {
        using torch.Tensor start = torch.ones(1), none = torch.zeros(1);
        using var average = new RunningAverage(start, 0.999);
        average.Add(none, 0);
        Assert.Equal(0.1f, average.Value.item<float>());
    }
}
