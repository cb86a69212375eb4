namespace Spn.Training.Samples;

/// <summary>The samples of a step in plain memory, in the layout of tensors: N images of S x S pixels with K coarse masks each.</summary>
internal sealed class Batch(int images, int masks, int size)
{
    public int Images { get; } = images;

    public int Masks { get; } = masks;

    public int Size { get; } = size;

    /// <summary>The images <c>[N, 3, S, S]</c>, RGB in 0..1.</summary>
    public float[] Rgb { get; } = new float[images * 3 * size * size];

    /// <summary>The true masks <c>[N, 1, S, S]</c> in 0..1.</summary>
    public float[] Truth { get; } = new float[images * size * size];

    /// <summary>The coarse masks <c>[N, K, S, S]</c> in 0..1.</summary>
    public float[] Coarse { get; } = new float[images * masks * size * size];

    /// <summary>The weight of each pixel in the loss, <c>[N, K, S, S]</c>.</summary>
    public float[] Weights { get; } = new float[images * masks * size * size];
}
