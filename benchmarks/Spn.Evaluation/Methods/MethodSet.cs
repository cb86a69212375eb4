using OpenCvSharp.XImgProc;
using Spn.Segmentation;

namespace Spn.Evaluation.Methods;

/// <summary>The methods of a run: the coarse mask, the models that were asked for, and their peers.</summary>
internal sealed class MethodSet
{
    /// <param name="models">The names of the models.</param>
    /// <param name="cascade">Whether models refine a downscaled copy of a large photo first.</param>
    /// <param name="grabCut">Whether GrabCut is one of the peers.</param>
    /// <param name="denseCrf">Whether the fully connected CRF is one of the peers.</param>
    /// <param name="peers">Whether there are peers at all.</param>
    public MethodSet(IEnumerable<string> models, bool cascade = true, bool grabCut = true, bool denseCrf = false, bool peers = true)
    {
        var coarse = new CoarseMethod();
        Edges = new SpnMethod("EdgeGuidance (defaults)", new EdgeGuidance());
        Models = [.. models.Select(name => new SpnMethod($"SpnModel {name}", Methods.Models.Load(name), cascade))];
        // Each filter with the settings that were best on the training sequences (benchmarks/results/edge-guidance.md) and with its usual
        // ones.
        var guidedFilter = new GuidedFilterMethod(radius: 18, eps: 3e-5);
        var domainTransform = new DomainTransformMethod(EdgeAwareFiltersList.DTF_NC, sigmaSpatial: 40, sigmaColor: 120);
        Filters =
        [
            new GuidedFilterMethod(radius: 12, eps: 1e-4),
            guidedFilter,
            new BlendedMethod(new GuidedFilterMethod(radius: 24, eps: 3e-5), strength: 0.85),
            domainTransform,
            new DomainTransformMethod(EdgeAwareFiltersList.DTF_RF, sigmaSpatial: 40, sigmaColor: 30),
        ];
        IMethod[] crf = denseCrf ? [new DenseCrfMethod("DeepLab v2, ResNet101", DenseCrfOptions.DeepLabResNet101)] : [];
        IMethod[] cut = grabCut ? [new GrabCutMethod(band: 12, iterations: 3)] : [];
        All = peers ? [coarse, .. Models, Edges, .. Filters, .. crf, .. cut] : [coarse, .. Models];
        Shown = peers ? [coarse, .. Models, Edges, guidedFilter, domainTransform, .. crf, .. cut] : All;
    }

    public IReadOnlyList<SpnMethod> Models { get; }

    public SpnMethod Edges { get; }

    /// <summary>Edge-aware filters, which refine each mask as if it were alone.</summary>
    public IReadOnlyList<IMethod> Filters { get; }

    /// <summary>All methods, the coarse mask first.</summary>
    public IReadOnlyList<IMethod> All { get; }

    /// <summary>The methods on contact sheets.</summary>
    public IReadOnlyList<IMethod> Shown { get; }

    /// <summary>The method that chooses the cases on contact sheets.</summary>
    public SpnMethod Judged => Models.Count > 0 ? Models[^1] : Edges;
}
