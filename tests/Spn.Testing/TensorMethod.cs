using Spn.Models;
using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Testing;

/// <summary>A refinement method that a test writes with tensors: planes come as <c>[1, C, H, W]</c>.</summary>
internal abstract class TensorMethod : IRefinementMethod
{
    /// <summary>The guidance pass.</summary>
    /// <param name="image"><c>[1, 3, H, W]</c>.</param>
    public abstract Tensor Guide(Tensor image);

    /// <summary>The propagation pass.</summary>
    /// <param name="guidance">The result of <see cref="Guide(Tensor)"/>.</param>
    /// <param name="masks"><c>[1, K, H, W]</c>.</param>
    public abstract Tensor Propagate(Tensor guidance, Tensor masks);

    public IGuidance Guide(ReadOnlySpan<float> image, int width, int height)
    {
        using DisposeScope scope = NewDisposeScope();
        return new Guidance(this, Guide(ToTensor(image, width, height)).clone().DetachFromDisposeScope(), width, height);
    }

    /// <summary>Planes as <c>[1, C, height, width]</c>.</summary>
    public static Tensor ToTensor(ReadOnlySpan<float> planes, int width, int height)
        => tensor(planes.ToArray(), 1, planes.Length / (width * height), height, width);

    private sealed class Guidance(TensorMethod method, Tensor guidance, int width, int height) : IGuidance
    {
        public void Propagate(ReadOnlySpan<float> masks, Span<float> refined)
        {
            using DisposeScope scope = NewDisposeScope();
            TensorPixels.CopyTo(method.Propagate(guidance, ToTensor(masks, width, height)), refined);
        }

        public void Dispose() => guidance.Dispose();
    }
}

/// <summary>Calls of a refinement method with tensors.</summary>
internal static class MethodTensors
{
    /// <summary>Guidance and propagation of N images.</summary>
    /// <param name="method">The method.</param>
    /// <param name="image"><c>[N, 3, H, W]</c>.</param>
    /// <param name="masks"><c>[N, K, H, W]</c>.</param>
    /// <returns><c>[N, K, H, W]</c>.</returns>
    public static Tensor Refine(this IRefinementMethod method, Tensor image, Tensor masks)
    {
        Tensor refined = empty(masks.shape, ScalarType.Float32);
        for (long n = 0; n < image.shape[0]; n++)
        {
            float[] result = new float[masks[n].numel()];
            using IGuidance guidance = method.Guide(TensorPixels.ToArray(image[n]), (int)image.shape[3], (int)image.shape[2]);
            guidance.Propagate(TensorPixels.ToArray(masks[n]), result);
            result.CopyTo(TensorPixels.SpanOf<float>(refined[n]));
        }
        return refined;
    }
}
