using System.Drawing;
using Adapters;
using Microsoft.ML.OnnxRuntime;
using OpenCvSharp;
using Spn.Tools.Tests.Evaluation;
using Xunit;

namespace Spn.Tools.Tests.Samples;

/// <summary>The adapters of the samples: OpenCV matrices, ONNX networks, COCO masks, YOLO prototypes.</summary>
public sealed class AdaptersTests
{
    [Fact]
    public void Matrices_go_in_and_out()
    {
        OpenCv.Require();
        using Mat whole = new(40, 60, MatType.CV_8UC3, new Scalar(200, 100, 50)), mask = new(30, 50, MatType.CV_8UC1, Scalar.All(255));
        using Mat part = whole[new Rect(5, 5, 50, 30)]; // its rows have gaps
        Cv2.Rectangle(part, new Rect(0, 0, 25, 30), new Scalar(10, 20, 30), thickness: -1);
        float[] planes = part.ToImageInput().ToPixels(out int width, out int height);
        Assert.Equal((50, 30), (width, height));
        Assert.Equal([30 / 255f, 20 / 255f, 10 / 255f], Pixel(planes, 3));
        Assert.Equal([50 / 255f, 100 / 255f, 200 / 255f], Pixel(planes, 49));

        Cv2.Rectangle(mask, new Rect(20, 0, 30, 30), Scalar.All(0), thickness: -1);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        Mask refined = refiner.Refine(part.ToImageInput(), mask.ToMaskInput());
        using Mat result = refined.ToMat();
        result.GetArray(out float[] values);
        Assert.Equal(refined.Pixels, values);
        Assert.Equal(refined.Pixels, Mask.Load(result.ToMaskInput()).Pixels);
        using Mat wrong = new(3, 3, MatType.CV_16UC1);
        Assert.Throws<ArgumentException>("image", () => wrong.ToImageInput());
        Assert.Throws<ArgumentException>("mask", () => wrong.ToMaskInput());

        static float[] Pixel(float[] planes, int at) => [planes[at], planes[1500 + at], planes[3000 + at]];
    }

    [Fact]
    public void Coco_runs_are_those_of_the_format()
    {
        Mask column = Mask.Load(MaskInput.FromPixels(new[] { 0f, 0, 1, 1, 1, 0, 1 }.AsMemory(), 1, 7));
        Assert.Equal([2, 3, 1, 1], CocoMasks.ToCounts(column));
        Assert.Equal("231N", CocoMasks.ToText(column));
        Assert.Equal(column.Pixels, CocoMasks.FromText("231N", 1, 7).Pixels);

        // Columns, from left to right.
        Mask mask = Mask.Load(MaskInput.FromPixels(new[] { 1f, 0, 0, 1, 0, 1 }.AsMemory(), 3, 2));
        Assert.Equal([0, 2, 3, 1], CocoMasks.ToCounts(mask));
        Assert.Equal(mask.Pixels, CocoMasks.FromCounts([0, 2, 3, 1], 3, 2).Pixels);
    }

    [Fact]
    public void Coco_texts_of_any_mask_give_it_back()
    {
        Random random = new(1);
        foreach (double share in new[] { 0.001, 0.1, 0.5, 0.999 })
        {
            float[] pixels = [.. Enumerable.Range(0, 211 * 173).Select(_ => random.NextDouble() < share ? 1f : 0f)];
            Mask mask = Mask.Load(MaskInput.FromPixels(pixels.AsMemory(), 211, 173));
            Assert.Equal(pixels, CocoMasks.FromText(CocoMasks.ToText(mask), 211, 173).Pixels);
            Assert.Equal(pixels, CocoMasks.FromCounts(CocoMasks.ToCounts(mask), 211, 173).Pixels);
        }
    }

    [Theory]
    [InlineData("231")]
    [InlineData("231N1")]
    [InlineData("231n")]
    [InlineData("23 N")]
    [InlineData("oooooooo")]
    public void Damaged_coco_texts_are_refused(string text) => Assert.ThrowsAny<ArgumentException>(() => CocoMasks.FromText(text, 1, 7));

    [Fact]
    public void Coco_polygons_are_drawn()
    {
        Mask mask = CocoMasks.FromPolygons([[1, 1, 4, 1, 4, 3, 1, 3], [5, 0, 6, 0, 6, 1, 5, 1]], 6, 4);
        Assert.Equal(3 * 2 + 1, mask.Pixels.ToArray().Sum());
        Assert.Equal((1f, 0f, 1f), (mask[1, 1], mask[4, 1], mask[5, 0]));
    }

    [Fact]
    public void An_onnx_network_gives_class_probabilities()
    {
        const int Width = 96, Height = 64;
        static bool IsRed(int pixel) => pixel % Width + pixel / Width / 4 < 50;
        byte[] rgb = [.. Enumerable.Range(0, Width * Height).SelectMany(i => IsRed(i) ? new byte[] { 220, 40, 30 } : [30, 60, 210])];
        ImageInput image = ImageInput.FromPixels(rgb.AsMemory(), Width, Height, PixelFormat.Rgb24);
        using InferenceSession session = new(TinyOnnx.File());
        ClassProbabilities coarse = OnnxSegmentation.Run(session, image);
        Assert.Equal((2, Width / 8, Height / 8), (coarse.Classes, coarse.Width, coarse.Height));
        Assert.True(coarse[1][0, 0] > 0.99f && coarse[0][Width / 8 - 1, 0] > 0.99f);

        using Refiner refiner = SpnRefiner.Configure().OnCpu().Build();
        LabelMap labels = refiner.Refine(image, coarse).ToLabelMap();
        int wrong = Enumerable.Range(0, Width * Height).Count(i => labels.Labels[i] == 1 != IsRed(i));
        Assert.InRange(wrong, 0, Width * Height / 100);
    }

    [Fact]
    public void Yolo_prototypes_become_the_masks_of_all_objects()
    {
        // An input of 80 x 80 holds an image of 80 x 40, with margins of 20 rows. Prototypes of 20 x 20: left half, and everything.
        const int Side = 20;
        float[] prototypes =
            [.. Enumerable.Range(0, Side * Side).Select(i => i % Side < Side / 2 ? 1f : 0f), .. Enumerable.Repeat(1f, Side * Side)];
        IReadOnlyList<MaskInput> masks = YoloMasks.ToMasks(
            prototypes, 2, Side, Side,
            [([16, -8], new RectangleF(0, 0, 80, 80)), ([-16, 8], new RectangleF(48, 20, 32, 20))], inputWidth: 80);
        byte[] grey = [.. Enumerable.Range(0, 80 * 40).Select(i => (byte)(i % 80 < 40 ? 60 : 200))];
        using Refiner refiner = SpnRefiner.Configure().WithMethod(new EdgeGuidance()).Build();
        IReadOnlyList<Mask> refined = refiner.Refine(ImageInput.FromPixels(grey, 80, 40, PixelFormat.Gray8), masks);

        Assert.Equal(2, refined.Count);
        Assert.True(refined[0][10, 5] > 0.9f && refined[0][70, 5] < 0.1f);
        Assert.True(refined[1][60, 10] > 0.9f && refined[1][60, 35] < 0.1f && refined[1][10, 10] < 0.1f);
        Assert.Throws<ArgumentException>("prototypes", () => YoloMasks.ToMasks(prototypes, 3, Side, Side, [], 80));
        Assert.Throws<ArgumentException>("objects", () => YoloMasks.ToMasks(prototypes, 2, Side, Side, [([1], default)], 80));
    }
}
