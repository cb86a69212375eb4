using Spn.Evaluation.Methods;
using Spn.Models;

namespace Spn.Evaluation.Classes;

/// <summary>This library as users call it, with all classes refined together.</summary>
internal sealed class RefinerClassMethod : IClassMethod
{
    private readonly Refiner _refiner;

    /// <param name="name">The name in reports.</param>
    /// <param name="method">A model, or a method without training.</param>
    public RefinerClassMethod(string name, IRefinementMethod method)
        => (Name, _refiner) = (name, SpnRefiner.Configure().WithMethod(method).Build());

    public string Name { get; }

    public ClassProbabilities Refine(ClassPhoto photo) => _refiner.Refine(photo.Image.ToInput(), photo.Coarse);
}
