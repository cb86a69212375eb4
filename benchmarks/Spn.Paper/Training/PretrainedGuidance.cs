using Spn.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Paper.Training;

/// <summary>
/// Starts a guidance network from that of <c>Fast</c>, which has seen photos and drawn scenes. It stands for the talk's VGG16 with ImageNet
/// weights. The head stays as it is, because the networks read different numbers of gates.
/// </summary>
internal static class PretrainedGuidance
{
    private const string Guidance = "guidance.", Head = "guidance.head.";

    /// <param name="module">A module with the compact guidance of the default width, named <c>guidance</c>.</param>
    public static void LoadInto(nn.Module module)
    {
        using SpnModule fast = SpnModule.From(SpnModel.Fast);
        using IDisposable noGradient = no_grad();
        Dictionary<string, Tensor> trained = fast.state_dict();
        foreach ((string name, Tensor target) in module.state_dict())
        {
            if (name.StartsWith(Guidance, StringComparison.Ordinal) && !name.StartsWith(Head, StringComparison.Ordinal))
                target.copy_(trained[name]);
        }
    }
}
