using OpenCvSharp;
using Spn.Evaluation.Photos;

namespace Spn.Evaluation.Coarse;

/// <summary>Coarse masks for photos: made from the truth, or read from a network's output.</summary>
internal interface ICoarseMasks
{
    /// <summary>The kinds of coarse masks that a photo has.</summary>
    IReadOnlyList<string> Kinds(string photo);

    /// <summary>One coarse mask, float 0..1 at the photo's size. The same photo and kind give the same mask on every machine.</summary>
    Mat Make(Photo photo, string kind);
}
