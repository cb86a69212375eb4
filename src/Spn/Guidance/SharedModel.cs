using static TorchSharp.torch;

namespace Spn.Guidance;

/// <summary>
/// One model for all refiners of a device: a model cannot be on two at once, so each other device gets a copy when first asked for. Nobody outside
/// sees a copy, so none is changed, and none is disposed while a call may use it: they go with the last refiner that holds them.
/// </summary>
/// <param name="model">The model, which nobody else changes or disposes from now on.</param>
internal sealed class SharedModel(SpnModel model)
{
    private readonly Dictionary<string, SpnModel> _copies = new() { [model.Device.ToString()] = model };

    public SpnModel On(Device device)
    {
        lock (_copies)
        {
            if (!_copies.TryGetValue(device.ToString(), out SpnModel? copy))
                _copies.Add(device.ToString(), copy = model.CopyTo(device));
            return copy;
        }
    }
}
