using System.IO.Enumeration;

namespace Spn.Cli.Batch;

/// <summary>Finds the photos of a folder and its subfolders, and for each its mask by name.</summary>
/// <param name="photos">The folder of the photos.</param>
/// <param name="masks">The folder of the masks.</param>
/// <param name="output">The folder of the refined masks.</param>
/// <param name="photoNames">Which files are photos, for example <c>*.jpg</c>.</param>
/// <param name="maskNames">The name of a photo's mask, where <c>{name}</c> is the photo's name without its extension.</param>
internal sealed class PairFinder(string photos, string masks, string output, string photoNames, string maskNames)
{
    public const string AnyPhoto = "*", AnyExtension = ".*", NamePlaceholder = "{name}";

    private const string Example = NamePlaceholder + "_mask.png";

    private static readonly string[] s_extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];
    private static readonly EnumerationOptions s_allFolders = new() { RecurseSubdirectories = true, IgnoreInaccessible = false };

    /// <summary>Checks the folders and names.</summary>
    /// <exception cref="UsageException">A folder does not exist, or the outputs would lie among the inputs.</exception>
    public void Check()
    {
        foreach (string folder in new[] { photos, masks })
        {
            if (File.Exists(folder))
                throw new UsageException($"'{folder}' is a file; expected a folder. To refine one file use 'spn refine'.");
            if (!Directory.Exists(folder))
                throw new UsageException($"There is no folder '{folder}'.");
        }
        if (!maskNames.Contains(NamePlaceholder, StringComparison.Ordinal))
            throw new UsageException($"--mask-names: expected a name with {NamePlaceholder}, for example '{Example}'; got '{maskNames}'.");
        if (IsSame(photos, output) || IsSame(masks, output))
            throw new UsageException($"The refined masks cannot go into '{output}', where the inputs are; choose another folder.");
        if (IsSame(photos, masks) && maskNames == NamePlaceholder + AnyExtension)
            throw new UsageException($"Photos and masks are in the same folder; add --mask-names, for example '{Example}'.");
    }

    /// <summary>All photos, sorted by name, each with its mask or the reason why it cannot be refined.</summary>
    public IReadOnlyList<PhotoPair> Find()
    {
        // IMG_1.JPG finds img_1.png, unless there is an IMG_1.png.
        ILookup<string, string> candidates = Files(masks).ToLookup(name => name, StringComparer.OrdinalIgnoreCase);
        (string Name, string[] Masks)[] found =
        [
            .. Files(photos).Where(IsPhoto).Order(StringComparer.Ordinal).Select(name => (name, MasksOf(name, candidates))),
        ];
        HashSet<string> usedMasks = [.. found.SelectMany(photo => photo.Masks).Select(mask => Path.GetFullPath(Path.Combine(masks, mask)))];
        Dictionary<string, string> outputs = new(StringComparer.OrdinalIgnoreCase);
        return [.. found
            .Where(photo => !usedMasks.Contains(Path.GetFullPath(Path.Combine(photos, photo.Name))))
            .Select(photo => ToPair(photo.Name, photo.Masks, outputs))];
    }

    private PhotoPair ToPair(string name, string[] found, Dictionary<string, string> outputs)
    {
        string written = Path.Combine(output, Path.ChangeExtension(name, ".png"));
        string? obstacle = null;
        if (!outputs.TryAdd(written, name))
        {
            obstacle = $"'{outputs[written]}' has the same name, so both would become '{written}'. "
                + "Rename one of them, or choose with --photo-names.";
        }
        else if (found.Length == 0)
        {
            obstacle = $"No mask. Expected {Expected(name)}.";
        }
        else if (found.Length > 1)
        {
            obstacle = $"Several masks: {string.Join(", ", found)}. Remove all but one, or choose with --mask-names.";
        }
        return new PhotoPair(
            name, Path.Combine(photos, name), found.Length == 1 ? Path.Combine(masks, found[0]) : null, written, obstacle);
    }

    private bool IsPhoto(string name)
    {
        string file = Path.GetFileName(name);
        return s_extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)
            && FileSystemName.MatchesSimpleExpression(photoNames, file);
    }

    /// <summary>The masks of a photo that exist, by their paths below the masks' folder.</summary>
    private string[] MasksOf(string photo, ILookup<string, string> candidates)
        => [.. MaskNames(photo)
            .SelectMany(name => candidates[name].Contains(name) ? [name] : candidates[name])
            .Where(name => !IsSame(Path.Combine(masks, name), Path.Combine(photos, photo)))];

    private IEnumerable<string> MaskNames(string photo)
    {
        string folder = Path.GetDirectoryName(photo)!.Replace('\\', '/');
        string name = maskNames.Replace(NamePlaceholder, Path.GetFileNameWithoutExtension(photo), StringComparison.Ordinal);
        string path = folder.Length == 0 ? name : $"{folder}/{name}";
        return maskNames.EndsWith(AnyExtension, StringComparison.Ordinal)
            ? s_extensions.Select(extension => path[..^AnyExtension.Length] + extension)
            : [path];
    }

    private string Expected(string photo)
    {
        string[] names = [.. MaskNames(photo)];
        string first = Path.Combine(masks, names[0]);
        return names.Length == 1 ? first : $"{first} (or {string.Join(", ", s_extensions[1..^1])} or {s_extensions[^1]})";
    }

    /// <summary>Paths below a folder, with <c>/</c>. What lies in the output folder is not an input.</summary>
    private IEnumerable<string> Files(string folder)
    {
        string written = Path.GetFullPath(output) + Path.DirectorySeparatorChar;
        return Directory.EnumerateFiles(folder, "*", s_allFolders)
            .Where(file => !Path.GetFullPath(file).StartsWith(written, StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'));
    }

    private static bool IsSame(string a, string b)
        => Path.TrimEndingDirectorySeparator(Path.GetFullPath(a)) == Path.TrimEndingDirectorySeparator(Path.GetFullPath(b));
}
