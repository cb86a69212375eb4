namespace Spn.Evaluation.Photos;

/// <summary>
/// A folder of photos name.jpg with masks name_gt.png, and name_void.png if the truth is undecided at some pixels. An optional
/// sequences.csv (id, sequence, split) assigns the photos to splits.
/// </summary>
/// <param name="folder">The folder.</param>
/// <param name="enlarge">The factor by which width and height are enlarged.</param>
/// <param name="thinOnly">Whether only pixels around <see cref="ThinParts"/> count.</param>
internal sealed class PhotoFolder(string folder, int enlarge = 1, bool thinOnly = false)
{
    /// <summary>The sorted names of the photos in a split ("all" for every photo).</summary>
    public string[] Names(string split)
    {
        var names = Directory.EnumerateFiles(folder, "*.jpg").Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => File.Exists(TruthPath(name))).Order(StringComparer.Ordinal);
        if (split == "all")
            return [.. names];

        string sequences = Path.Combine(folder, "sequences.csv");
        if (!File.Exists(sequences))
            throw new FileNotFoundException($"--split {split} needs {sequences}.", sequences);
        var inSplit = File.ReadLines(sequences).Skip(1).Select(line => line.Split(','))
            .Where(fields => fields.Length >= 3 && fields[2].Trim() == split).Select(fields => fields[0].Trim()).ToHashSet();
        return [.. names.Where(inSplit.Contains)];
    }

    public Photo Open(string name)
    {
        string unknown = Path.Combine(folder, name + "_void.png");
        return new(name, Path.Combine(folder, name + ".jpg"), TruthPath(name), File.Exists(unknown) ? unknown : null, enlarge, thinOnly);
    }

    private string TruthPath(string name) => Path.Combine(folder, name + "_gt.png");
}
