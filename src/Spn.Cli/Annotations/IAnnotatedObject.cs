namespace Spn.Cli.Annotations;

/// <summary>An object with a mask, in the form of its file.</summary>
internal interface IAnnotatedObject
{
    /// <summary>The mask.</summary>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <exception cref="InvalidDataException">The object is damaged, or of another size. The message names it.</exception>
    Mask Read(int width, int height);

    /// <summary>Replaces the mask. A mask without foreground is not written.</summary>
    /// <param name="refined">A hard mask.</param>
    /// <param name="asRuns">Whether polygons become run lengths.</param>
    void Write(Mask refined, bool asRuns);
}
