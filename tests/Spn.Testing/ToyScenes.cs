using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Testing;

/// <summary>Four small pictures of one shape each, its true mask, and a coarse one: averages over 12x12 cells, smoothly enlarged.</summary>
internal sealed class ToyScenes : IDisposable
{
    public const int Size = 48;

    private const int Cell = 12;

    private static readonly Func<double, double, bool>[] s_shapes =
    [
        (x, y) => (x * x) + (y * y) < 0.42,
        (x, y) => Math.Abs(x + 0.1) < 0.55 && Math.Abs(y - 0.15) < 0.4,
        (x, y) => y < 0.6 && y > -0.7 + (1.9 * Math.Abs(x)),
        (x, y) => Math.Abs(x - y) < 0.35 && Math.Abs(x + y) < 1.2,
    ];

    public ToyScenes()
    {
        var random = new Random(1);
        float[] images = new float[s_shapes.Length * 3 * Size * Size], masks = new float[s_shapes.Length * Size * Size];
        for (int n = 0; n < s_shapes.Length; n++)
        {
            float[] inside = [0.8f - (0.2f * n), 0.3f, 0.2f + (0.2f * n)], outside = [0.2f, 0.3f + (0.15f * n), 0.7f - (0.1f * n)];
            for (int y = 0; y < Size; y++)
            {
                for (int x = 0; x < Size; x++)
                {
                    bool on = s_shapes[n]((2.0 * x / Size) - 1, (2.0 * y / Size) - 1);
                    masks[(((n * Size) + y) * Size) + x] = on ? 1 : 0;
                    for (int c = 0; c < 3; c++)
                    {
                        float value = (on ? inside : outside)[c] + (0.1f * (float)(random.NextDouble() - 0.5));
                        images[(((((n * 3) + c) * Size) + y) * Size) + x] = value;
                    }
                }
            }
        }

        Images = tensor(images, [s_shapes.Length, 3, Size, Size]).DetachFromDisposeScope();
        Masks = tensor(masks, [s_shapes.Length, 1, Size, Size]).DetachFromDisposeScope();
        using Tensor cells = nn.functional.avg_pool2d(Masks, Cell);
        Coarse = nn.functional.interpolate(cells, [Size, Size], mode: InterpolationMode.Bilinear, align_corners: false).DetachFromDisposeScope();
    }

    /// <summary><c>[4, 3, 48, 48]</c>.</summary>
    public Tensor Images { get; }

    /// <summary><c>[4, 1, 48, 48]</c>, 0 or 1.</summary>
    public Tensor Masks { get; }

    /// <summary><c>[4, 1, 48, 48]</c>, 0..1.</summary>
    public Tensor Coarse { get; }

    /// <summary>Intersection over union at a threshold of one half, all pictures together.</summary>
    public double Iou(Tensor masks)
    {
        ReadOnlySpan<float> refined = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(masks.bytes);
        ReadOnlySpan<float> truth = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(Masks.bytes);
        int both = 0, either = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            bool a = refined[i] > 0.5f, b = truth[i] > 0.5f;
            both += a && b ? 1 : 0;
            either += a || b ? 1 : 0;
        }
        return (double)both / either;
    }

    public void Dispose()
    {
        Images.Dispose();
        Masks.Dispose();
        Coarse.Dispose();
    }
}
