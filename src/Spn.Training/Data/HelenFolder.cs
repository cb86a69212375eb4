using Spn.Training.Data;

namespace Spn.Training;

/// <summary>
/// The parsed faces of Helen (Smith et al., "Exemplar-Based Face Parsing", CVPR 2013) in the published layout: <c>images/NAME.jpg</c>, soft
/// class maps <c>labels/NAME/NAME_lbl00.png</c> to <c>_lbl10.png</c>, and lists with lines <c>number , NAME</c>. Each class of a face
/// becomes one labelled image: skin, both brows, both eyes, nose, lips, mouth (the lips and the area between them), and hair. Thread-safe.
/// </summary>
public sealed class HelenFolder : ILabeledImages
{
    private const int Visible = 128;

    /// <summary>
    /// The maps of each class: 1 skin, 2 and 3 brows, 4 and 5 eyes, 6 nose, 7 upper lip, 8 inner mouth, 9 lower lip, 10 hair.
    /// </summary>
    private static readonly int[][] s_classes = [[1], [2, 3], [4, 5], [6], [7, 9], [7, 8, 9], [10]];

    private readonly string _folder;
    private readonly string[] _names;

    /// <summary>Reads the list. Photos and maps are read on request.</summary>
    /// <param name="folder">The folder of the dataset, such as <c>SmithCVPR2013_dataset_resized</c>.</param>
    /// <param name="split">The name of a list: <c>exemplars</c> (default, for training), <c>tuning</c> or <c>testing</c>.</param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The list or one of its photos is missing.</exception>
    /// <exception cref="InvalidDataException">The list is empty, or a line is not <c>number , NAME</c>.</exception>
    public HelenFolder(string folder, string split = "exemplars")
    {
        ArgumentException.ThrowIfNullOrEmpty(split);
        string[] lines = Photo.List(
            folder, split + ".txt", "the layout of SmithCVPR2013_dataset: images, labels, exemplars.txt, tuning.txt and testing.txt");
        _folder = folder;
        _names = [.. lines.Select(line => line.Split(',') is [_, string name] && name.Trim() is { Length: > 0 } trimmed
            ? trimmed
            : throw new InvalidDataException(
                $"'{Path.Combine(folder, split + ".txt")}' has the line '{line}'; expected 'number , NAME'."))];
        foreach (string name in _names)
            Photo.Find(PhotoName(name));
    }

    /// <summary>The number of images: seven per face.</summary>
    public int Count => _names.Length * s_classes.Length;

    /// <inheritdoc/>
    /// <remarks>If a face does not show a class, such as hair, the next visible class takes its place.</remarks>
    /// <exception cref="FileNotFoundException">A map is missing.</exception>
    /// <exception cref="InvalidDataException">A file cannot be read, the sizes differ, or the face shows no class.</exception>
    public LabeledImage Image(ulong number)
    {
        int index = (int)(number % (ulong)Count), first = index % s_classes.Length;
        string name = _names[index / s_classes.Length];
        Photo photo = Photo.Load(PhotoName(name));
        for (int i = 0; i < s_classes.Length; i++)
        {
            byte[] mask = Coverage(photo, name, s_classes[(first + i) % s_classes.Length]);
            if (mask.Any(value => value >= Visible))
                return new LabeledImage(photo.Width, photo.Height, photo.Rgb, mask);
        }
        throw new InvalidDataException($"The maps of '{Path.Combine(_folder, "labels", name)}' are all empty.");
    }

    private string PhotoName(string name) => Path.Combine(_folder, "images", name);

    /// <summary>The union of several maps.</summary>
    private byte[] Coverage(Photo photo, string name, int[] maps)
    {
        byte[] sum = new byte[photo.Width * photo.Height];
        foreach (int map in maps)
        {
            byte[] part = photo.Map(Path.Combine(_folder, "labels", name, $"{name}_lbl{map:00}.png"), MaskValues.Probabilities);
            for (int i = 0; i < sum.Length; i++)
                sum[i] = (byte)Math.Min(byte.MaxValue, sum[i] + part[i]);
        }
        return sum;
    }
}
