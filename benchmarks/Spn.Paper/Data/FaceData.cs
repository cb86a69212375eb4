namespace Spn.Paper.Data;

/// <summary>
/// Faces with parts: <c>ID.jpg</c>, <c>ID.png</c> with CelebAMask-HQ's 19 labels, and <c>split.csv</c> (id, source, split), read with
/// Helen's 11 classes.
/// </summary>
internal static class FaceData
{
    public const int Classes = 11;

    /// <summary>Left and right brow and eye change places in a mirrored face.</summary>
    public static readonly IReadOnlyList<byte> Mirrored = [0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10];

    /// <summary>The class for scores, in which left and right are one.</summary>
    public static readonly IReadOnlyList<byte> Scored = [0, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8];

    // Of background, skin, nose, glasses, eyes, brows, ears, inner mouth, upper lip, lower lip, hair, hat, earring, necklace, neck, cloth.
    private static readonly byte[] s_classes = [0, 1, 6, 0, 4, 5, 2, 3, 0, 0, 8, 7, 9, 10, 0, 0, 0, 0, 0];

    /// <param name="folder">The folder.</param>
    /// <param name="split"><c>training</c>, <c>validation</c> or <c>test</c>.</param>
    /// <param name="size">The width and height of the pictures.</param>
    public static Picture[] Load(string folder, string split, int size)
        => [.. File.ReadLines(Path.Combine(folder, "split.csv")).Skip(1).Select(line => line.Split(',')).Where(row => row[^1] == split)
            .Select(row => Path.Combine(folder, row[0]))
            .Select(path => Picture.Load(path + ".jpg", path + ".png", size, size, label => s_classes[label]))];
}
