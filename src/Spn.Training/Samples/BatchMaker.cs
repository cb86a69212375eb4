namespace Spn.Training.Samples;

/// <summary>
/// Makes batches of labelled images: a random view of each image, changed colours, and coarse masks derived from the true one. All
/// randomness depends only on the seed and the sample's number, so the batch of a step is the same on any thread, in any order, and after a
/// restart.
/// </summary>
internal sealed class BatchMaker(ILabeledImages images, TrainingOptions options)
{
    /// <summary>
    /// Margin in pixels around a sample with which its coarse masks are generated, so that content shifted in from outside the sample is
    /// real.
    /// </summary>
    private const int Margin = 16;

    /// <summary>The range of the scale of the coarse masks' errors, relative to a photo of 512 x 512.</summary>
    private const float MinUnit = 0.6f, MaxUnit = 1.6f;

    /// <summary>
    /// The share of samples whose true mask is empty. Their coarse masks are those of a network that is unsure about an object that is not
    /// in the image.
    /// </summary>
    private const float Absent = 0.04f;

    public Batch Make(int step)
    {
        var batch = new Batch(options.BatchSize, options.MasksPerImage, options.CropSize);
        for (int i = 0; i < batch.Images; i++)
            Fill(batch, i, (ulong)step * (ulong)batch.Images + (ulong)i);
        return batch;
    }

    private void Fill(Batch batch, int index, ulong number)
    {
        var random = new SeededRandom(options.Seed, number);
        LabeledImage image = images.Image(random.Bits());
        int size = batch.Size, plane = size * size;
        LabeledImage wide = CropView.Random(image, size, random.Fork("view")).Grow(Margin).Read(image, size + 2 * Margin);
        LabeledImage sample = Inner(wide, size);
        Span<float> rgb = batch.Rgb.AsSpan(index * 3 * plane, 3 * plane), truth = batch.Truth.AsSpan(index * plane, plane);
        for (int i = 0; i < plane; i++)
        {
            truth[i] = sample.Mask[i] / 255f;
            for (int c = 0; c < 3; c++)
                rgb[c * plane + i] = sample.Rgb[3 * i + c] / 255f;
        }
        ColourChange.Apply(rgb, random.Fork("colours"));

        bool absent = random.Fork("absent").Chance(Absent);
        if (absent)
        {
            truth.Clear();
            Array.Clear(sample.Mask);
        }
        bool[] band = LossWeights.Band(sample.Mask, size);
        SeededRandom corruption = random.Fork("coarse");
        for (int k = 0; k < batch.Masks; k++)
        {
            int at = (index * batch.Masks + k) * plane;
            Span<float> coarse = batch.Coarse.AsSpan(at, plane);
            ulong seed = corruption.Bits();
            float unit = corruption.LogBetween(MinUnit, MaxUnit);
            Inner<float>(
                absent
                    ? CoarseMasks.MakeAbsent(wide, new(seed), unit)
                    : CoarseMasks.Make(wide, seed, unit, options.ExactMaskShare, options.RealMaskShare),
                coarse, size);
            LossWeights.Fill(truth, band, sample.Ignored, coarse, batch.Weights.AsSpan(at, plane));
        }
    }

    private static LabeledImage Inner(LabeledImage wide, int size)
    {
        byte[] rgb = new byte[3 * size * size], mask = new byte[size * size];
        byte[]? ignored = wide.Ignored is null ? null : new byte[size * size];
        Inner<byte>(wide.Rgb, rgb, size, 3);
        Inner<byte>(wide.Mask, mask, size);
        if (ignored is not null)
            Inner<byte>(wide.Ignored, ignored, size);
        return new LabeledImage(size, size, rgb, mask, ignored);
    }

    /// <summary>The centre of a square that extends beyond it by the margin on every side.</summary>
    private static void Inner<T>(ReadOnlySpan<T> wide, Span<T> into, int size, int channels = 1)
    {
        int stride = size + 2 * Margin;
        for (int y = 0; y < size; y++)
            wide.Slice(((y + Margin) * stride + Margin) * channels, size * channels).CopyTo(into[(y * size * channels)..]);
    }
}
