using Spn.Imaging;
using TorchSharp;

namespace Spn.Training;

/// <summary>
/// Photos of a folder: <c>name.jpg</c> (or .png) with its true mask <c>name_gt.png</c>, grey, and optionally <c>name_void.png</c>, 255 where the truth is
/// unknown. A file <c>sequences.csv</c> (id, sequence, split) may say which photos belong to which split.
/// </summary>
public sealed class ImageFolder : ILabeledImages
{
    private const string MaskSuffix = "_gt.png", VoidSuffix = "_void.png";

    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png"];

    private readonly string[] _names; // paths without _gt.png

    /// <summary>Lists the folder; photos are read when they are asked for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Only the photos that sequences.csv puts into this split; <see langword="null"/> (default) takes all.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A split is asked for, and there is no sequences.csv.</exception>
    /// <exception cref="InvalidDataException">It has no photo with a mask.</exception>
    public ImageFolder(string folder, string? split = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        HashSet<string>? wanted = split is null ? null : Split(Path.Combine(folder, "sequences.csv"), split);
        _names = [.. Directory.EnumerateFiles(folder, "*" + MaskSuffix).Select(path => path[..^MaskSuffix.Length])
            .Where(name => wanted?.Contains(Path.GetFileName(name)) != false).Order(StringComparer.Ordinal)];
        if (_names.Length == 0)
            throw new InvalidDataException($"'{folder}' has no NAME{MaskSuffix}{(split is null ? "" : $" in the split '{split}'")}.");
    }

    /// <summary>How many photos there are.</summary>
    public int Count => _names.Length;

    /// <inheritdoc/>
    /// <exception cref="FileNotFoundException">A mask has no photo.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read, or the sizes differ.</exception>
    public LabeledImage Image(ulong number)
    {
        string name = _names[number % (ulong)_names.Length];
        string photo = s_extensions.Select(extension => name + extension).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"'{name}{MaskSuffix}' has no photo '{name}.jpg' or '.png'.", name + ".jpg");
        (byte[] rgb, int width, int height) = Rgb(photo);
        byte[] mask = Read(name + MaskSuffix);
        return new LabeledImage(width, height, rgb, mask, File.Exists(name + VoidSuffix) ? Read(name + VoidSuffix) : null);

        byte[] Read(string path)
        {
            Mask map = Mask.Load(path);
            return map.Width == width && map.Height == height
                ? map.ToBytes()
                : throw new InvalidDataException($"'{path}' is {map.Width} x {map.Height}, its photo {width} x {height}.");
        }
    }

    private static (byte[] Rgb, int Width, int Height) Rgb(string path)
    {
        ImageInput input = path;
        using torch.Tensor image = input.LoadOne(PixelLimit.Default);
        int height = (int)image.shape[2], width = (int)image.shape[3], plane = width * height;
        float[] values = Mask.ToArray(image);
        byte[] rgb = new byte[3 * plane];
        for (int i = 0; i < plane; i++)
        {
            for (int c = 0; c < 3; c++)
                rgb[3 * i + c] = (byte)(values[c * plane + i] * 255 + 0.5f);
        }
        return (rgb, width, height);
    }

    private static HashSet<string> Split(string path, string split)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"A split needs '{path}'.", path);
        return [.. File.ReadLines(path).Skip(1).Select(line => line.Split(','))
            .Where(fields => fields.Length >= 3 && fields[2].Trim() == split).Select(fields => fields[0].Trim())];
    }
}
