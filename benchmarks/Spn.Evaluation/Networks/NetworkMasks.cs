using OpenCvSharp;
using Spn.Evaluation.Coarse;
using Spn.Evaluation.Photos;

namespace Spn.Evaluation.Networks;

/// <summary>Masks that networks produced, in files <c>photo__network.png</c>. Not every photo has a mask of every network.</summary>
/// <param name="folder">The folder with the masks.</param>
/// <param name="networks">Which networks take part; by default all.</param>
internal sealed class NetworkMasks(string folder, Func<string, bool>? networks = null) : ICoarseMasks
{
    private const string Separator = "__";

    /// <summary>The names of the networks with a mask of this photo.</summary>
    public IReadOnlyList<string> Kinds(string photo)
        => [.. Directory.EnumerateFiles(folder, photo + Separator + "*.png").Select(path => Path.GetFileNameWithoutExtension(path))
            .Select(name => name[(photo.Length + Separator.Length)..])
            .Where(network => networks is null || networks(network)).Order(StringComparer.Ordinal)];

    /// <summary>The mask of a network as the library reads it: a smaller mask is interpolated bilinearly to the photo's size.</summary>
    public Mat Make(Photo photo, string kind)
    {
        (int width, int height) = (photo.Image.Width, photo.Image.Height);
        string path = Path.Combine(folder, photo.Name + Separator + kind + ".png");
        try
        {
            using Mat view = Mat.FromPixelData(height, width, MatType.CV_32FC1, Mask.Load(path, width, height).Pixels.ToArray());
            return view.Clone();
        }
        catch (ArgumentException misfit)
        {
            throw new InvalidDataException($"{path}: {misfit.Message}", misfit);
        }
    }
}
