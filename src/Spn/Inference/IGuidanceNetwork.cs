namespace Spn.Inference;

/// <summary>A network that makes guidance from an image, once for all of its masks.</summary>
internal interface IGuidanceNetwork
{
    /// <summary>Runs the network, or plans it.</summary>
    /// <param name="workspace">What runs it.</param>
    /// <param name="image"><c>[1, 3, H, W]</c>, RGB in 0..1.</param>
    /// <param name="padding">How the image grows to whole cells of <see cref="InferenceModel.Cell"/> pixels.</param>
    /// <param name="guidance">
    /// <c>[1, maps, h, w]</c>, half the image's size; smaller than the grown image's half where that is cropped.
    /// </param>
    void Run(Workspace workspace, FeatureMaps image, Padding padding, FeatureMaps guidance);
}
