using Spn.Evaluation.Classes;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Data;

/// <summary>Random crops of VOC photos with a network's class probabilities.</summary>
/// <param name="parts">The photos.</param>
internal sealed class ClassCrops(IReadOnlyList<VocPart> parts)
{
    public const int AllClasses = 21;

    private const int Size = 256, SomeClasses = 5, BatchSize = 2;
    private const float MinProbability = 1e-5f;

    private readonly (VocPart Part, string Name)[] _photos =
        [.. parts.SelectMany(part => part.Names.Select(name => (part, name)))];

    /// <summary>
    /// Crops with the classes that win or are true somewhere in them, filled up with random other ones. Labels count these classes; pixels
    /// of any other class are ignored.
    /// </summary>
    /// <returns><c>[N, 3, H, W]</c>, <c>[N, K, H, W]</c> and <c>[N, H, W]</c>.</returns>
    public (Tensor Images, Tensor Coarse, Tensor Labels) WithSomeClasses(Random random)
    {
        Crop[] crops = [.. Enumerable.Range(0, BatchSize).Select(_ => Draw(random))];
        int[][] classes = [.. crops.Select(crop => Choose(crop, random))];
        return (cat([.. crops.Select(crop => crop.Image)]),
            cat([.. crops.Select((crop, i) => crop.Coarse.index_select(1, tensor(classes[i].Select(k => (long)k).ToArray())))]),
            stack([.. crops.Select((crop, i) => Labels(crop, label => Array.IndexOf(classes[i], label)))]));
    }

    /// <summary>One crop with all classes, each with a probability above 0.</summary>
    /// <returns><c>[1, 3, H, W]</c>, <c>[1, 21, H, W]</c> and <c>[1, H, W]</c>.</returns>
    public (Tensor Images, Tensor Coarse, Tensor Labels) WithAllClasses(Random random)
    {
        Crop crop = Draw(random);
        return (crop.Image, maximum(crop.Coarse, tensor(MinProbability)), Labels(crop, label => label).unsqueeze(0));
    }

    /// <summary>Winning and true classes in order of their pixels, then random ones.</summary>
    private static int[] Choose(Crop crop, Random random)
    {
        int[] pixels = new int[AllClasses];
        foreach (long label in crop.Coarse.argmax(1).data<long>().ToArray().Concat(crop.Truth.Select(label => (long)label)))
        {
            if (label < AllClasses)
                pixels[label]++;
        }
        int[] others = [.. Enumerable.Range(0, AllClasses).Where(label => pixels[label] == 0)];
        random.Shuffle(others);
        return [.. Enumerable.Range(0, AllClasses).Where(label => pixels[label] > 0).OrderByDescending(label => pixels[label])
            .Take(SomeClasses - 1).Concat(others).Take(SomeClasses)];
    }

    private static Tensor Labels(Crop crop, Func<int, int> index)
        => tensor([.. crop.Truth.Select(label => label < AllClasses && index(label) is >= 0 and int k ? k : -100L)], [Size, Size]);

    private Crop Draw(Random random)
    {
        (VocPart part, string name) = _photos[random.Next(_photos.Length)];
        using ClassPhoto photo = part.Open(name);
        (int width, int height) = (photo.Image.Width, photo.Image.Height);
        float[] rgb = Picture.Planes(photo.Image);
        ClassProbabilities enlarged = new NetworkMethod().Refine(photo);

        // Beyond the photo the crop is black, of no class, and background to the network.
        int left = random.Next(Math.Max(1, width - Size + 1)), top = random.Next(Math.Max(1, height - Size + 1));
        bool mirrored = random.Next(2) == 0;
        float[] image = new float[3 * Size * Size], coarse = new float[AllClasses * Size * Size];
        int[] truth = new int[Size * Size];
        Array.Fill(truth, Picture.Void);
        Array.Fill(coarse, 1, 0, Size * Size);
        for (int y = 0; y < Math.Min(Size, height - top); y++)
        {
            for (int x = 0; x < Math.Min(Size, width - left); x++)
            {
                int to = y * Size + (mirrored ? Size - 1 - x : x), from = (top + y) * width + left + x;
                for (int c = 0; c < 3; c++)
                    image[c * Size * Size + to] = rgb[c * width * height + from];
                coarse[to] = 0;
                for (int k = 0; k < photo.Labels.Count; k++)
                    coarse[photo.Labels[k] * Size * Size + to] = enlarged.Pixels[k * width * height + from];
                truth[to] = photo.Truth.Labels[from];
            }
        }
        return new Crop(tensor(image, [1, 3, Size, Size]), tensor(coarse, [1, AllClasses, Size, Size]), truth);
    }

    private sealed record Crop(Tensor Image, Tensor Coarse, int[] Truth);
}
