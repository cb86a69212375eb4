using Spn.Training.Optimization;
using TorchSharp;

namespace Spn.Training.Data;

/// <summary>A photo that was read from a file, with helpers for its maps and for lists of photos.</summary>
internal sealed record Photo(string Path, int Width, int Height, byte[] Rgb)
{
    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png"];

    /// <summary>Finds the path of a photo.</summary>
    /// <param name="name">The path without its extension.</param>
    /// <exception cref="FileNotFoundException">The photo does not exist.</exception>
    public static string Find(string name)
        => s_extensions.Select(extension => name + extension).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"There is no photo '{name}.jpg' or '.png'.", name + s_extensions[0]);

    /// <param name="name">The path without its extension.</param>
    /// <exception cref="FileNotFoundException">The photo does not exist.</exception>
    /// <exception cref="InvalidDataException">The photo cannot be read.</exception>
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

    /// <summary>Reads a greyscale file of the photo's size, <c>[H, W]</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">What its values mean.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, or its size differs.</exception>
    public byte[] Map(string path, MaskValues values = MaskValues.Auto)
    {
        Mask map = Mask.Load(MaskInput.From(path).With(new MaskOptions { Values = values }));
        RequireSize(path, map.Width, map.Height);
        return map.ToBytes();
    }

    /// <summary>Reads a greyscale file and interpolates it bilinearly to the photo's size, <c>[H, W]</c>.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read, or its proportions are not the photo's.</exception>
    public byte[] Enlarged(string path)
    {
        Mask map = Mask.Load(MaskInput.From(path));
        // A side may be rounded to whole pixels, up or down.
        if (Math.Abs((long)map.Width * Height - (long)map.Height * Width) > Math.Max(Width, Height))
        {
            throw new InvalidDataException(
                $"'{path}' is {map.Width} x {map.Height}, which does not have the proportions of its photo, {Width} x {Height}.");
        }
        return map.Resize(Width, Height).ToBytes();
    }

    /// <exception cref="InvalidDataException">The size differs from the photo's.</exception>
    public void RequireSize(string path, int width, int height)
    {
        if (width != Width || height != Height)
            throw new InvalidDataException($"'{path}' is {width} x {height}, but its photo is {Width} x {Height}.");
    }

    /// <summary>Reads the names in a list of a dataset, one per line, and skips empty lines.</summary>
    /// <param name="folder">The folder of the dataset.</param>
    /// <param name="list">The path of the list in the folder.</param>
    /// <param name="layout">The expected layout of the folder, for the exception message.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The list does not exist.</exception>
    /// <exception cref="InvalidDataException">The list is empty.</exception>
    public static string[] List(string folder, string list, string layout)
    {
        RequireFolder(folder);
        string path = System.IO.Path.Combine(folder, list);
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{folder}' has no '{list}'. Expected {layout}.", path);
        string[] lines = [.. File.ReadLines(path).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return lines.Length > 0 ? lines : throw new InvalidDataException($"'{path}' is empty; expected one photo name per line.");
    }

    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    public static void RequireFolder(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"The folder '{folder}' does not exist.");
    }
}
