using Spn.Training.Optimization;
using TorchSharp;

namespace Spn.Training.Data;

/// <summary>A photo read from a file, and what belongs to it: maps of its size, lists that name it.</summary>
internal sealed record Photo(string Path, int Width, int Height, byte[] Rgb)
{
    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png"];

    /// <summary>The photo's path.</summary>
    /// <param name="name">The path without its extension.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static string Find(string name)
        => s_extensions.Select(extension => name + extension).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"There is no photo '{name}.jpg' or '.png'.", name + s_extensions[0]);

    /// <param name="name">The path without its extension.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It cannot be read.</exception>
    public static Photo Load(string name)
    {
        string path = Find(name);
        ImageInput input = path;
        using torch.Tensor image = input.ToTensor();
        int height = (int)image.shape[2], width = (int)image.shape[3], plane = width * height;
        float[] values = FlatTensors.Values(image);
        byte[] rgb = new byte[3 * plane];
        for (int i = 0; i < plane; i++)
        {
            for (int c = 0; c < 3; c++)
                rgb[3 * i + c] = (byte)(values[c * plane + i] * 255 + 0.5f);
        }
        return new Photo(path, width, height, rgb);
    }

    /// <summary>A grey file of the photo's size, <c>[H, W]</c>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It cannot be read, or its size is another.</exception>
    public byte[] Map(string path)
    {
        Mask map = Mask.Load(path);
        RequireSize(path, map.Width, map.Height);
        return map.ToBytes();
    }

    /// <exception cref="InvalidDataException">The size is not the photo's.</exception>
    public void RequireSize(string path, int width, int height)
    {
        if (width != Width || height != Height)
            throw new InvalidDataException($"'{path}' is {width} x {height}, its photo {Width} x {Height}.");
    }

    /// <summary>The names in a list of a dataset, one a line; empty lines are skipped.</summary>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="list">The list's path in it.</param>
    /// <param name="layout">What else the folder should hold, for the message.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It has no such list.</exception>
    /// <exception cref="InvalidDataException">The list is empty.</exception>
    public static string[] List(string folder, string list, string layout)
    {
        RequireFolder(folder);
        string path = System.IO.Path.Combine(folder, list);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{folder}' has no '{list}'. Expected {layout}.", path);
        string[] lines = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 ? lines : throw new InvalidDataException($"'{path}' is empty; expected a photo's name a line.");
    }

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static void RequireFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
    }
}
