using Spn.Training.Data;

namespace Spn.Training;

/// <summary>
/// Photos of a folder: <c>name.jpg</c> (or .png) with its true mask <c>name_gt.png</c>, grey, and optionally <c>name_void.png</c>, 255 where the truth is
/// unknown. A file <c>sequences.csv</c> (id, sequence, split) may say which photos belong to which split.
/// </summary>
public sealed class ImageFolder : ILabeledImages
{
    private const string MaskSuffix = "_gt.png", VoidSuffix = "_void.png";

    private readonly string[] _names; // paths without _gt.png

    /// <summary>Lists the folder; photos are read when they are asked for.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Only the photos that sequences.csv puts into this split; <see langword="null"/> (default) takes all.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A split is asked for, and there is no sequences.csv.</exception>
    /// <exception cref="InvalidDataException">It has no photo with a mask.</exception>
    public ImageFolder(string folder, string? split = null)
    {
        Photo.RequireFolder(folder);
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
        Photo photo = Photo.Load(name);
        byte[] mask = photo.Map(name + MaskSuffix);
        return new LabeledImage(photo.Width, photo.Height, photo.Rgb, mask, File.Exists(name + VoidSuffix) ? photo.Map(name + VoidSuffix) : null);
    }

    private static HashSet<string> Split(string path, string split)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"A split needs '{path}'.", path);
        return [.. File.ReadLines(path).Skip(1).Select(line => line.Split(','))
            .Where(fields => fields.Length >= 3 && fields[2].Trim() == split).Select(fields => fields[0].Trim())];
    }
}
