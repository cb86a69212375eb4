namespace Spn.Paper.Data;

/// <summary>CamVid: <c>NAME.jpg</c> and <c>NAME.png</c> in <c>training</c>, <c>validation</c> and <c>test</c>; 11 is void.</summary>
internal static class StreetData
{
    public const int Classes = 11;

    /// <summary>Half of the size that is usual for CamVid.</summary>
    public const int Width = 240, Height = 180;

    /// <param name="folder">The folder of CamVid.</param>
    /// <param name="split">The name of the subfolder.</param>
    public static Picture[] Load(string folder, string split)
        => [.. Directory.GetFiles(Path.Combine(folder, split), "*.jpg").Order(StringComparer.Ordinal)
            .Select(path => Picture.Load(
                path, Path.ChangeExtension(path, ".png"), Width, Height, label => label < Classes ? (byte)label : Picture.Void))];
}
