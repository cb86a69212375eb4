using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>A TorchSharp module's parameters and buffers as the CPU engine reads them.</summary>
internal static class ModuleTensors
{
    /// <summary>The module's tensors by name, converted to float32. They are read while the engine is built and not kept.</summary>
    public static Inference.Weights Of(nn.Module module)
    {
        Dictionary<string, Tensor> state = module.state_dict();
        return new Inference.Weights(name => state.TryGetValue(name, out Tensor? tensor)
            ? (Read(tensor), tensor.shape)
            : throw new InvalidDataException($"The model has no tensor '{name}'."));
    }

    private static float[] Read(Tensor tensor)
    {
        using var noGrad = no_grad();
        using Tensor values = tensor.detach().to(ScalarType.Float32, CPU).contiguous();
        return values.data<float>().ToArray();
    }
}
