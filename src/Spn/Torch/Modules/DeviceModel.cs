using System.Runtime.CompilerServices;
using Spn.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Spn.Torch;

/// <summary>
/// A model on a CUDA device: planes are copied there and results are copied back. One copy of the weights per model, freed with it.
/// </summary>
internal sealed class DeviceModel : ITiledMethod, ILocalMethod, IMemoryEstimate
{
    private static readonly ConditionalWeakTable<SpnModel, DeviceModel> s_onCuda = [];

    private readonly SpnModel _model;
    private readonly SpnModule _module;
    private readonly Device _device;

    /// <param name="model">The model.</param>
    /// <param name="device">The device that runs it.</param>
    public DeviceModel(SpnModel model, Device device)
    {
        (_model, _device) = (model, device);
        SpnModule module = SpnModule.From(model);
        try
        {
            _module = module.to(device);
        }
        catch (Exception failure)
        {
            module.Dispose();
            if (MemoryShortage.IsCauseOf(failure))
                throw new InsufficientMemoryException($"{device} has too little free memory for the model. Use OnCpu().", failure);
            throw;
        }
    }

    public long? TrainedPixels => ((IRefinementMethod)_model).TrainedPixels;

    /// <summary>The model on the current CUDA device. All refiners share it.</summary>
    public static DeviceModel OnCuda(SpnModel model) => s_onCuda.GetValue(model, key => new DeviceModel(key, CUDA));

    public int Margin(int width, int height) => ((ITiledMethod)_model).Margin(width, height);

    public int Reach(int width, int height) => ((ILocalMethod)_model).Reach(width, height);

    public IRefinementMethod ForTilesOf(ReadOnlySpan<float> image, int width, int height) => this;

    /// <summary>Memory of the process. What the device needs is not known.</summary>
    public long RequiredBytes(int width, int height, int masks) => sizeof(float) * 3L * width * height;

    public IGuidance Guide(ReadOnlySpan<float> image, int width, int height)
    {
        MethodCheck.Image(image, width, height);
        try
        {
            using Tensor pixels = ToDevice(image, 3, height, width);
            Tensor guidance = _module.Guide(pixels);
            if (_device.type == DeviceType.CUDA)
                cuda.synchronize(_device); // so that each pass is timed separately
            return new DeviceGuidance(this, guidance, width, height);
        }
        catch (Exception failure) when (MemoryShortage.IsCauseOf(failure))
        {
            throw MemoryShortage.Exception("Guidance", width, height, _device, failure);
        }
    }

    private Tensor ToDevice(ReadOnlySpan<float> planes, int count, int height, int width)
    {
        Tensor local = empty([1, count, height, width], ScalarType.Float32, CPU);
        planes.CopyTo(TensorPixels.SpanOf<float>(local));
        if (_device.type == DeviceType.CPU)
            return local;
        using (local)
            return local.to(_device);
    }

    /// <summary>Guidance in the memory of the device.</summary>
    private sealed class DeviceGuidance(DeviceModel model, Tensor guidance, int width, int height) : IGuidance
    {
        /// <summary>Propagates all masks together, or in the largest groups, found by halving, that the device has memory for.</summary>
        public void Propagate(ReadOnlySpan<float> masks, Span<float> refined)
        {
            int count = MethodCheck.Masks(masks, refined, width, height), plane = width * height;
            for (int done = 0, group = count; done < count;)
            {
                group = Math.Min(group, count - done);
                Range values = (done * plane)..((done + group) * plane);
                try
                {
                    using Tensor some = model.ToDevice(masks[values], group, height, width);
                    using Tensor result = model._module.Propagate(guidance, some);
                    TensorPixels.CopyTo(result, refined[values]);
                    done += group;
                }
                catch (Exception failure) when (MemoryShortage.IsCauseOf(failure))
                {
                    if (group == 1)
                        throw MemoryShortage.Exception("Propagation, even of a single mask,", width, height, model._device, failure);
                    group = (group + 1) / 2;
                }
            }
        }

        public void Dispose() => guidance.Dispose();
    }
}
