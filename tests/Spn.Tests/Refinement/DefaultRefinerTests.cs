using SkiaSharp;
using Spn.Torch;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>The static calls, with the model that everyone gets who asks for nothing.</summary>
public sealed class DefaultRefinerTests
{
    private const int Width = 320, Height = 240, Edge = 140;

    private static readonly bool[] s_truth = Where((x, _) => x < Edge);

    /// <summary>A disc too much and a disc too little on the edge.</summary>
    private static readonly bool[] s_coarse = Where((x, y) => Near(x, y, 70) || (x < Edge && !Near(x, y, 160)));

    [Fact]
    public void A_coarse_mask_snaps_to_the_edge()
    {
        using SKBitmap photo = Photo();
        Mask refined = SpnRefiner.Refine(photo, MaskInput.FromPixels(s_coarse, Width, Height));
        Assert.Contains(refined.Pixels.ToArray(), p => p is > 0.01f and < 0.99f);
        AssertBetter(refined.Threshold().Pixels.ToArray().Select(p => p == 1));
    }

    [Fact]
    public void Labels_classes_and_tensors_snap_too()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SKBitmap photo = Photo();
        LabelMap labels = SpnRefiner.Refine(photo, LabelMap.FromPixels([.. s_coarse.Select(inside => inside ? 12 : 3)], Width, Height));
        AssertBetter(labels.Labels.ToArray().Select(label => label == 12));

        float[] inside = [.. s_coarse.Select(c => c ? 1f : 0f)];
        ClassProbabilities classes = SpnRefiner.Refine(photo, ClassProbabilities.FromPixels([.. inside.Select(p => 1 - p), .. inside], 2, Width, Height));
        AssertBetter(classes.ToLabelMap().Labels.ToArray().Select(label => label == 1));

        torch.Tensor image = ((ImageInput)photo).ToTensor(Width * Height);
        torch.Tensor refined = SpnRefiner.Refine(image, torch.tensor(inside, 1, 1, Height, Width));
        AssertBetter(TensorPixels.ToArray(refined).Select(p => p >= 0.5f));
        Assert.Equal(SpnRefiner.Refine(photo, MaskInput.FromPixels(inside, Width, Height)).Pixels.ToArray(), TensorPixels.ToArray(refined));
    }

    private static void AssertBetter(IEnumerable<bool> refined)
    {
        int before = Wrong(s_coarse), after = Wrong(refined);
        Assert.True(after < before / 2, $"{before} wrong pixels before, {after} after");

        static int Wrong(IEnumerable<bool> mask) => mask.Zip(s_truth).Count(p => p.First != p.Second);
    }

    private static SKBitmap Photo() => Pictures.Bitmap(Width, Height, (x, y) => x < Edge
        ? new SKColor((byte)(150 + (x + y) % 5), 30, 20)
        : new SKColor(60, (byte)(120 + (x * y) % 7), 170));

    private static bool Near(int x, int y, int row) => (x - Edge) * (x - Edge) + (y - row) * (y - row) <= 25;

    private static bool[] Where(Func<int, int, bool> inside)
        => [.. Enumerable.Range(0, Width * Height).Select(i => inside(i % Width, i / Width))];
}
