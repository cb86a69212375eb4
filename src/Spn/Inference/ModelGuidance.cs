using Spn.Models;
using Spn.Native;
using Spn.Simd;

namespace Spn.Inference;

/// <summary>The guidance that a model made from one image, in pooled memory: one view, or two if the model is mirrored.</summary>
internal sealed unsafe class ModelGuidance : IGuidance
{
    private readonly InferenceModel _model;
    private readonly int _width, _height, _threads;
    private readonly PooledMemory _memory;

    /// <param name="model">The model.</param>
    /// <param name="image"><c>[3, height, width]</c>, RGB in 0..1.</param>
    /// <param name="width">Pixels per row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="threads">The maximum number of threads.</param>
    /// <exception cref="OutOfMemoryException">The system has too little memory.</exception>
    public ModelGuidance(InferenceModel model, ReadOnlySpan<float> image, int width, int height, int threads)
    {
        (_model, _width, _height, _threads) = (model, width, height, threads);
        long size = SizeOfView(model, width, height);
        _memory = new PooledMemory(sizeof(float) * size * model.Views);
        try
        {
            fixed (float* pixels = image)
            {
                for (int view = 0; view < model.Views; view++)
                    model.Guide(pixels, height, width, view, (float*)_memory.Pointer + view * size, threads, SimdLevels.Best);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes that both passes take, besides the image and the masks.</summary>
    public static long Bytes(InferenceModel model, int width, int height, int masks)
        => sizeof(float) * SizeOfView(model, width, height) * model.Views
            + Math.Max(model.GuideBytes(height, width), model.PropagateBytes(height, width, Math.Min(masks, MaskPasses.MaxTogether)));

    public void Propagate(ReadOnlySpan<float> masks, Span<float> refined)
    {
        int count = MethodCheck.Masks(masks, refined, _width, _height);
        using PooledMemory.User guidance = _memory.Use();
        float* straight = (float*)guidance.Pointer, mirrored = straight + (_model.Views - 1) * SizeOfView(_model, _width, _height);
        fixed (float* source = masks, destination = refined)
        {
            for (int first = 0; first < count; first += MaskPasses.MaxTogether)
            {
                long offset = (long)first * _height * _width;
                int together = Math.Min(MaskPasses.MaxTogether, count - first);
                _model.Propagate(straight, mirrored, source + offset, together, _height, _width, destination + offset, _threads, SimdLevels.Best);
            }
        }
    }

    public void Dispose() => _memory.Dispose();

    private static long SizeOfView(InferenceModel model, int width, int height)
    {
        (int maps, int h, int w) = model.GuidanceShape(height, width);
        return (long)maps * h * w;
    }
}
