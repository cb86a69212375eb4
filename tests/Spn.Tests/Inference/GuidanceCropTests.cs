using Spn.Inference;
using Spn.Models;
using Spn.Simd;
using Xunit;

namespace Spn.Tests.Inference;

/// <summary>A part of a model's guidance refines as the same maps do when they are cut out one by one.</summary>
public sealed unsafe class GuidanceCropTests
{
    [Theory]
    [InlineData("Fast", 0, 0, 96, 64), InlineData("Fast", 32, 64, 64, 101 - 64), InlineData("Fast", 64, 32, 131 - 64, 32)]
    [InlineData("Quality", 0, 32, 64, 32), InlineData("Quality", 32, 64, 131 - 32, 101 - 64), InlineData("Quality", 0, 0, 131, 101)]
    public void A_part_refines_as_its_maps(string name, int top, int left, int height, int width)
    {
        const int imageHeight = 131, imageWidth = 101;
        using var file = Spn.Weights.SafetensorsFile.FromBytes(Resource(name), name);
        InferenceModel model = InferenceModel.Load(file);
        Random random = new(7);
        float[] image = Random(random, 3 * imageHeight * imageWidth), mask = Random(random, height * width);
        using ModelGuidance guidance = new(model, image, imageWidth, imageHeight, threads: 2);
        using IGuidance part = guidance.Crop(top, left, height, width);
        float[] refined = new float[mask.Length], expected = new float[mask.Length];
        part.Propagate(mask, refined);

        float[][] views = [.. Enumerable.Range(0, model.Views).Select(view => Cut(model, image, view))];
        fixed (float* straight = views[0], mirrored = views[^1], source = mask, destination = expected)
            model.Propagate(straight, mirrored, source, 1, height, width, destination, 1, SimdLevels.Best);
        Assert.Equal(expected, refined);

        float[] Cut(InferenceModel model, float[] image, int view)
        {
            (int maps, int rows, int columns) = model.GuidanceShape(imageHeight, imageWidth);
            (_, int partRows, int partColumns) = model.GuidanceShape(height, width);
            float[] all = new float[maps * rows * columns], cut = new float[maps * partRows * partColumns];
            fixed (float* pixels = image, output = all)
                model.Guide(pixels, imageHeight, imageWidth, view, output, 1, SimdLevels.Best);
            int first = view == 0 ? left / 2 : columns - left / 2 - partColumns;
            for (int i = 0; i < cut.Length; i++)
            {
                (int map, int y, int x) = (i / (partRows * partColumns), i / partColumns % partRows, i % partColumns);
                cut[i] = all[(map * rows + top / 2 + y) * columns + first + x];
            }
            return cut;
        }
    }

    private static float[] Random(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(SpnModel).Assembly.GetManifestResourceStream($"{name.ToLowerInvariant()}.safetensors")!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
