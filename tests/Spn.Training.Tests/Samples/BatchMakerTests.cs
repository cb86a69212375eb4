using Spn.Training;
using Spn.Training.Samples;
using Xunit;

namespace Spn.Training.Tests.Samples;

public sealed class BatchMakerTests
{
    private static readonly TrainingOptions s_options = new() { BatchSize = 8, MasksPerImage = 2, CropSize = 64, Seed = 3 };

    [Fact]
    public void A_few_samples_have_no_object()
    {
        var maker = new BatchMaker(new ToyImages(128), s_options);
        int absent = 0, images = 0, plane = s_options.CropSize * s_options.CropSize;
        double inside = 0;
        for (int step = 0; step < 40; step++)
        {
            Batch batch = maker.Make(step);
            for (int i = 0; i < batch.Images; i++, images++)
            {
                if (batch.Truth.AsSpan(i * plane, plane).ContainsAnyExcept(0f))
                    continue;
                absent++;
                float[] coarse = batch.Coarse[(i * batch.Masks * plane)..((i + 1) * batch.Masks * plane)];
                inside += coarse.Average(value => value >= 0.5f ? 1.0 : 0);
                Assert.Contains(coarse, value => value > 0.001f); // unsure, not empty
                // No boundary: the weights are those of pixels far from it.
                Assert.All(batch.Weights[(i * batch.Masks * plane)..((i + 1) * batch.Masks * plane)], weight => Assert.Equal(1, weight));
            }
        }
        Assert.InRange(absent, 4, 24); // 13 of 320 expected
        Assert.InRange(inside / absent, 0, 0.15);
    }

    [Fact]
    public void Masks_of_real_networks_follow_the_view()
    {
        // The real mask is the true one with two grey values, so that it shows the object exactly where the view shows it.
        var maker = new BatchMaker(new WithRealMask(), s_options with { CropSize = 48 });
        int real = 0, plane = 48 * 48;
        for (int step = 0; step < 12; step++)
        {
            Batch batch = maker.Make(step);
            for (int i = 0; i < batch.Images * batch.Masks; i++)
            {
                float[] coarse = batch.Coarse[(i * plane)..((i + 1) * plane)];
                float[] truth = batch.Truth[(i / batch.Masks * plane)..((i / batch.Masks + 1) * plane)];
                if (Math.Abs(coarse.Min() - 0.2f) > 1e-4f || Math.Abs(coarse.Max() - 0.8f) > 1e-4f)
                    continue; // made from the true mask, or its confidence was changed
                real++;
                for (int p = 0; p < plane; p++)
                {
                    if (truth[p] is 0 or 1)
                        Assert.Equal(truth[p] == 1, coarse[p] > 0.5f);
                }
            }
        }
        Assert.True(real > 20, $"{real} masks");
    }

    /// <summary>Toy images with a coarse mask that is 0.2 outside and 0.8 inside.</summary>
    private sealed class WithRealMask : ILabeledImages
    {
        private readonly ToyImages _images = new(128);

        public LabeledImage Image(ulong number)
        {
            LabeledImage image = _images.Image(number);
            return image with { RealMasks = [[.. image.Mask.Select(value => (byte)(51 + value * 3 / 5))]] };
        }
    }
}
