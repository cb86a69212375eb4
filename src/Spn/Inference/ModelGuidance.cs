using Spn.Inference.Layers;
using Spn.Models;
using Spn.Native;
using Spn.Simd;

namespace Spn.Inference;

/// <summary>The guidance that a model made from one image, in pooled memory: one view, or two if the model is mirrored.</summary>
internal sealed unsafe class ModelGuidance : ICroppableGuidance
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

    private ModelGuidance(InferenceModel model, int width, int height, int threads, PooledMemory memory)
        => (_model, _width, _height, _threads, _memory) = (model, width, height, threads, memory);

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

    /// <inheritdoc/>
    public IGuidance Crop(int top, int left, int height, int width)
    {
        (int maps, int rows, int columns) = _model.GuidanceShape(_height, _width);
        (_, int partRows, int partColumns) = _model.GuidanceShape(height, width);
        var memory = new PooledMemory(sizeof(float) * SizeOfView(_model, width, height) * _model.Views);
        using PooledMemory.User guidance = _memory.Use();
        for (int view = 0; view < _model.Views; view++)
        {
            int first = view == 0 ? left / 2 : columns - left / 2 - partColumns; // the second view is mirrored
            var source = new FeatureMaps((float*)guidance.Pointer + view * SizeOfView(_model, _width, _height), 1, maps, rows, columns);
            var part = new FeatureMaps((float*)memory.Pointer + view * SizeOfView(_model, width, height), 1, maps, partRows, partColumns);
            PlaneCopies.Cut(source, part, top / 2, first, _threads);
        }
        return new ModelGuidance(_model, width, height, _threads, memory);
    }

    public void Dispose() => _memory.Dispose();

    private static long SizeOfView(InferenceModel model, int width, int height)
    {
        (int maps, int h, int w) = model.GuidanceShape(height, width);
        return (long)maps * h * w;
    }
}
