using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>Guidance whose results a test knows: by default masks stay as they are. Counts its calls and keeps the last shapes.</summary>
internal sealed class FakeGuidance : TensorMethod
{
    private int _guided, _propagated;

    public int Guided => _guided;

    public int Propagated => _propagated;

    public long[] LastMasks { get; private set; } = [];

    public Action? WhileGuiding { get; init; }

    public Func<Tensor, Tensor, Tensor> Change { get; set; } = (_, masks) => masks.clone();

    public override Tensor Guide(Tensor image)
    {
        RequireFloat32(image);
        Interlocked.Increment(ref _guided);
        WhileGuiding?.Invoke();
        return image.mean([1], keepdim: true);
    }

    public override Tensor Propagate(Tensor guidance, Tensor masks)
    {
        RequireFloat32(masks);
        Interlocked.Increment(ref _propagated);
        LastMasks = masks.shape;
        return Change(guidance, masks);
    }

    /// <summary>A box blur weighted by the image's grey: depends on both inputs, and does not keep classes' sum at 1.</summary>
    public static FakeGuidance Blur() => new()
    {
        Change = (grey, masks) =>
        {
            using Tensor weighted = masks * grey;
            return nn.functional.avg_pool2d(weighted, 5, 1, 2);
        },
    };

    private static void RequireFloat32(Tensor tensor)
    {
        if (tensor.dtype != float32 || tensor.dim() != 4)
            throw new InvalidOperationException($"Guidance was given {tensor.dtype} of rank {tensor.dim()}.");
    }
}
