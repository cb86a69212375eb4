using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Data;

/// <summary>Pictures as tensors, and predictions as labels.</summary>
internal static class Tensors
{
    /// <summary><c>[N, 3, H, W]</c>.</summary>
    public static Tensor Images(IReadOnlyList<Picture> pictures)
        => tensor(pictures.SelectMany(picture => picture.Rgb).ToArray(), [pictures.Count, 3, pictures[0].Height, pictures[0].Width]);

    /// <summary><c>[N, H, W]</c>, int64, with -100, which losses ignore, for void.</summary>
    public static Tensor Labels(IReadOnlyList<Picture> pictures)
        => tensor(
            pictures.SelectMany(picture => picture.Labels).Select(label => label == Picture.Void ? -100L : label).ToArray(),
            [pictures.Count, pictures[0].Height, pictures[0].Width]);

    /// <summary>The most likely class of each pixel of the first image of <c>[N, K, H, W]</c>.</summary>
    public static LabelMap Winners(Tensor classes)
    {
        using Tensor first = classes[0], winners = first.argmax(0), labels = winners.to(int32).contiguous();
        return LabelMap.FromPixels(
            MemoryMarshal.Cast<byte, int>(labels.bytes), (int)classes.shape[3], (int)classes.shape[2]);
    }
}
