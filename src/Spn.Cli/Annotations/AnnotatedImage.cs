namespace Spn.Cli.Annotations;

/// <summary>A photo with annotations.</summary>
/// <param name="Name">Its name in messages.</param>
/// <param name="Files">Where it may be below the folder of the photos: the first that exists counts.</param>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Objects">One or more.</param>
internal sealed record AnnotatedImage(
    string Name, IReadOnlyList<string> Files, int Width, int Height, IReadOnlyList<IAnnotatedObject> Objects)
{
    /// <summary>The photo.</summary>
    /// <exception cref="InvalidDataException">The annotations cannot be those of a photo.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public string Find(string photos)
    {
        if (Width < 1 || Height < 1 || (long)Width * Height > RefineSettings.PixelLimit)
            throw new InvalidDataException($"No photo has {Width} x {Height} pixels.");
        IEnumerable<string> paths = Files.Select(file => Path.Combine(photos, file));
        return paths.FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException($"There is no file '{Path.Combine(photos, Files[0])}'.");
    }
}
