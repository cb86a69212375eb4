using Spn.Training.Data;

namespace Spn.Training;

/// <summary>
/// A folder of photos <c>name.jpg</c> (or .png), each with its true mask <c>name_gt.png</c>, a greyscale image, and optionally
/// <c>name_void.png</c> with 255 where the truth is unknown. A file <c>sequences.csv</c> (id, sequence, split) may assign photos to splits.
/// Thread-safe.
/// </summary>
public sealed class ImageFolder : ILabeledImages
{
    private const string MaskSuffix = "_gt.png", VoidSuffix = "_void.png", Separator = "__";

    private readonly string[] _names; // paths without the suffix _gt.png
    private readonly Dictionary<string, string[]>? _realMasks; // the files of each photo

    /// <summary>Lists the folder. Photos are read on request.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Use only the photos that sequences.csv assigns to this split; <see langword="null"/> (default) uses all.</param>
    /// <param name="realMasks">
    /// A folder with masks that real networks produced for the photos, <c>name__network.png</c>, greyscale and of any size with the photo's
    /// proportions; <see langword="null"/> (default) for none. A photo may have any number of them.
    /// </param>
    /// <param name="networks">The networks whose masks are used; <see langword="null"/> (default) uses all.</param>
    /// <exception cref="DirectoryNotFoundException">A folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">A split is given, but there is no sequences.csv.</exception>
    /// <exception cref="InvalidDataException">
    /// The folder contains no photo with a mask, or none in the split; or no network's mask belongs to one of them.
    /// </exception>
    public ImageFolder(string folder, string? split = null, string? realMasks = null, IEnumerable<string>? networks = null)
    {
        Photo.RequireFolder(folder);
        HashSet<string>? wanted = split is null ? null : Split(Path.Combine(folder, "sequences.csv"), split);
        _names = [.. Directory.EnumerateFiles(folder, "*" + MaskSuffix).Select(path => path[..^MaskSuffix.Length])
            .Where(name => wanted?.Contains(Path.GetFileName(name)) != false).Order(StringComparer.Ordinal)];
        if (_names.Length == 0)
            throw new InvalidDataException($"'{folder}' has no NAME{MaskSuffix}{(split is null ? "" : $" in the split '{split}'")}.");
        if (realMasks is not null)
            _realMasks = RealMasks(realMasks, networks?.ToHashSet());
    }

    /// <summary>The number of photos.</summary>
    public int Count => _names.Length;

    /// <inheritdoc/>
    /// <exception cref="FileNotFoundException">The photo of a mask is missing.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read, or the sizes differ.</exception>
    public LabeledImage Image(ulong number)
    {
        string name = _names[number % (ulong)_names.Length];
        Photo photo = Photo.Load(name);
        byte[] mask = photo.Map(name + MaskSuffix);
        return new LabeledImage(
            photo.Width, photo.Height, photo.Rgb, mask, File.Exists(name + VoidSuffix) ? photo.Map(name + VoidSuffix) : null,
            _realMasks is null ? null : [.. _realMasks[name].Select(photo.Enlarged)]);
    }

    private Dictionary<string, string[]> RealMasks(string folder, HashSet<string>? networks)
    {
        Photo.RequireFolder(folder);
        Dictionary<string, string[]> files = _names.ToDictionary(name => name, name => Of(Path.GetFileName(name) + Separator));
        return files.Values.Any(paths => paths.Length > 0)
            ? files
            : throw new InvalidDataException(
                $"'{folder}' has no NAME{Separator}NETWORK.png for these photos"
                + $"{(networks is null ? "" : $" and the networks '{string.Join("', '", networks)}'")}.");

        string[] Of(string prefix) => [.. Directory.EnumerateFiles(folder, prefix + "*.png")
            .Where(path => networks?.Contains(Path.GetFileNameWithoutExtension(path)[prefix.Length..]) != false)
            .Order(StringComparer.Ordinal)];
    }

    private static HashSet<string> Split(string path, string split)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"'{path}' does not exist; it is required to select a split.", path);
        return [.. File.ReadLines(path).Skip(1).Select(line => line.Split(','))
            .Where(fields => fields.Length >= 3 && fields[2].Trim() == split).Select(fields => fields[0].Trim())];
    }
}
