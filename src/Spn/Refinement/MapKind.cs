namespace Spn.Refinement;

/// <summary>What the maps of a call are.</summary>
internal enum MapKind
{
    /// <summary>Independent masks, which may overlap.</summary>
    Masks,

    /// <summary>Labels that share each pixel, one of which has it.</summary>
    Labels,

    /// <summary>Probabilities of classes that share each pixel.</summary>
    Classes,
}
