namespace Spn.Inference;

/// <summary>A network that refines masks with an image's guidance.</summary>
internal interface IPropagationNetwork
{
    /// <summary>What the masks' height and width must be multiples of.</summary>
    int Multiple { get; }

    /// <summary>Whether the masks come as log-odds, not as probabilities.</summary>
    bool ReadsLogits { get; }

    /// <summary>Runs the network, or plans it.</summary>
    /// <param name="workspace">What runs it.</param>
    /// <param name="guidance"><c>[1, maps, H/2, W/2]</c>.</param>
    /// <param name="masks"><c>[K, 1, H, W]</c>.</param>
    /// <param name="refined">Receives the probabilities, <c>[K, 1, H, W]</c>.</param>
    void Run(Workspace workspace, FeatureMaps guidance, FeatureMaps masks, FeatureMaps refined);
}
