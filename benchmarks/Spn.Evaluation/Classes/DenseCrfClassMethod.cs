using Spn.Evaluation.Methods;
using Spn.Segmentation;

namespace Spn.Evaluation.Classes;

/// <summary>The fully connected CRF (Krähenbühl and Koltun, 2011) over all classes of the network.</summary>
/// <param name="setting">The name of the setting.</param>
/// <param name="options">The setting.</param>
internal sealed class DenseCrfClassMethod(string setting, DenseCrfOptions options) : IClassMethod
{
    private readonly DenseCrf _crf = new(options);
    private readonly NetworkMethod _network = new();

    public string Name => $"dense CRF ({setting})";

    /// <summary>A photo with a single class has nothing to decide.</summary>
    public ClassProbabilities Refine(ClassPhoto photo)
    {
        ClassProbabilities classes = _network.Refine(photo);
        return classes.Classes == 1 ? classes : _crf.Refine(photo.Image.ToInput(), classes);
    }
}
