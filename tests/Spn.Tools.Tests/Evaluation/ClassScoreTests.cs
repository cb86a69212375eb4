using OpenCvSharp;
using Spn.Evaluation.Classes;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>The figures of class probabilities, on labels whose figures can be counted by hand.</summary>
public sealed class ClassScoreTests : IDisposable
{
    private const int Width = 100, Height = 4, Edge = 50;

    /// <summary>Label 0 in the left half, 3 in the right half, and a void column at the left border of the image.</summary>
    private readonly ClassPhoto _photo;

    public ClassScoreTests()
    {
        OpenCv.Require();
        LabelMap truth = Labels(x => x == 0 ? LabelMap.Void : x < Edge ? 0 : 3);
        float[] planes = [.. Enumerable.Range(0, 2 * Width * Height).Select(i => i < Width * Height == i % Width < Edge ? 0.75f : 0.25f)];
        _photo = new ClassPhoto(
            "p", new Mat(Height, Width, MatType.CV_8UC3), truth, [0, 3], ClassProbabilities.FromPixels(planes, 2, Width, Height));
    }

    public void Dispose() => _photo.Dispose();

    [Fact]
    public void Distances_are_measured_from_the_pixels_on_both_sides_of_a_boundary()
    {
        float[] distances = _photo.BoundaryDistances();
        for (int x = 0; x < Width; x++)
        {
            int toVoid = Math.Max(0, x - 1), toEdge = x < Edge ? Edge - 1 - x : x - Edge;
            Assert.Equal(Math.Min(toVoid, toEdge), distances[Width + x], 1e-3);
        }
        ClassPhoto flat = _photo with { Truth = Labels(_ => 5) };
        Assert.All(flat.BoundaryDistances(), distance => Assert.Equal(float.PositiveInfinity, distance));
    }

    [Fact]
    public void Near_and_far_pixels_are_counted_and_void_is_not()
    {
        LabelMap coarse = _photo.ToLabels(new NetworkMethod().Refine(_photo));
        Assert.Equal(Labels(x => x < Edge ? 0 : 3).Labels.ToArray(), coarse.Labels.ToArray());

        // Columns 85 to 89 become wrong, 95 to 99 were wrong and become right, and so do three columns at the boundary.
        LabelMap before = Labels(x => x is >= 95 or 50 or 51 or 52 ? 0 : x < Edge ? 0 : 3), after = Labels(x => x is >= 85 and < 90 ? 7 : x < Edge ? 0 : 3);
        ClassScore score = ClassScore.Of(_photo, "n", "m", before, after, _photo.BoundaryDistances(), 1);
        Assert.Equal((5 * Height, 5 * Height), (score.FarRight, score.FarWrong));
        Assert.Equal((Width - 1) * Height, score.All.Pixels);
        Assert.Equal((11 + 11 + 11) * Height, score.Near.Pixels); // 1..11 beside void, 39..49 and 50..60 at the edge
        Assert.Equal(1, score.Near.PixelAccuracy);
        Assert.Equal(94.0 / 99, score.All.PixelAccuracy, 1e-9);
    }

    private static LabelMap Labels(Func<int, int> ofColumn)
        => LabelMap.FromPixels((int[])[.. Enumerable.Range(0, Width * Height).Select(i => ofColumn(i % Width))], Width, Height).WithVoidLabel(LabelMap.Void);
}
