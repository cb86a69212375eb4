using OpenCvSharp;
using Spn.Evaluation.Photos;

namespace Spn.Evaluation.Coarse;

/// <summary>The coarse masks that are made from the truth.</summary>
/// <param name="kinds">The kinds to make, the same for every photo.</param>
internal sealed class ArtificialMasks(IReadOnlyList<CoarseKind> kinds) : ICoarseMasks
{
    private readonly string[] _names = [.. kinds.Select(kind => kind.Name)];

    public IReadOnlyList<string> Kinds(string photo) => _names;

    public Mat Make(Photo photo, string kind) => kinds.First(candidate => candidate.Name == kind).Make(photo.Truth, photo.Name);
}
