using Spn.Training.Scenes;

namespace Spn.Training.Samples;

/// <summary>
/// Labelled images → batches: a random view of the image, changed colours, coarse masks made from the true one. Everything random follows
/// from the seed and the sample's number, so a step's batch is the same on any thread, in any order, and after a restart.
/// </summary>
internal sealed class BatchMaker(ILabeledImages images, TrainingOptions options)
{
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
        CropView view = CropView.Random(image, size, random.Fork("view"));
        Span<float> rgb = batch.Rgb.AsSpan(index * 3 * plane, 3 * plane), truth = batch.Truth.AsSpan(index * plane, plane);
        for (int c = 0; c < 3; c++)
            view.Read(image.Rgb, image.Width, image.Height, c, 3, rgb.Slice(c * plane, plane), size);
        view.Read(image.Mask, image.Width, image.Height, 0, 1, truth, size);
        float[] ignored = [];
        if (image.Ignored is not null)
            view.Read(image.Ignored, image.Width, image.Height, 0, 1, ignored = new float[plane], size);
        ColourChange.Apply(rgb, random.Fork("colours"));

        bool[] band = LossWeights.Band(truth, size);
        SeededRandom corruption = random.Fork("coarse");
        for (int k = 0; k < batch.Masks; k++)
        {
            int at = (index * batch.Masks + k) * plane;
            float[] coarse = options.Corruption(truth.ToArray(), size, size, corruption.Bits());
            coarse.CopyTo(batch.Coarse, at);
            LossWeights.Fill(truth, band, ignored, coarse, batch.Weights.AsSpan(at, plane));
        }
    }
}
