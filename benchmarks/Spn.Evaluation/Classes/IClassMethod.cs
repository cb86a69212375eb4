namespace Spn.Evaluation.Classes;

/// <summary>A method that refines the class probabilities of a network.</summary>
internal interface IClassMethod
{
    string Name { get; }

    /// <summary>Refines the classes of a photo to the photo's size.</summary>
    ClassProbabilities Refine(ClassPhoto photo);
}
