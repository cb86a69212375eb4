using Spn.Guidance;
using TorchSharp;

namespace Spn.Testing;

internal static class Precise
{
    /// <summary>The model, with guidance in float32 on every processor: for tests of forms that are the same but for roundings.</summary>
    public static SpnModel InFloat32(this SpnModel model)
    {
        if (model.Network is GuidanceNetwork network)
            network.Precision = torch.ScalarType.Float32;
        return model;
    }
}
