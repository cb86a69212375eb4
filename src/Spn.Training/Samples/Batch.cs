namespace Spn.Training.Samples;

/// <summary>A step's samples in plain memory, as tensors want it: N images of S x S pixels, K coarse masks each.</summary>
internal sealed class Batch(int images, int masks, int size)
{
    public int Images { get; } = images;

    public int Masks { get; } = masks;

    public int Size { get; } = size;

    /// <summary><c>[N, 3, S, S]</c>, RGB in 0..1.</summary>
    public float[] Rgb { get; } = new float[images * 3 * size * size];

    /// <summary><c>[N, 1, S, S]</c>, 0..1.</summary>
    public float[] Truth { get; } = new float[images * size * size];

    /// <summary><c>[N, K, S, S]</c>, 0..1.</summary>
    public float[] Coarse { get; } = new float[images * masks * size * size];

    /// <summary><c>[N, K, S, S]</c>, what each pixel counts in the loss.</summary>
    public float[] Weights { get; } = new float[images * masks * size * size];
}
