namespace Spn;

/// <summary>What runs the networks of a <see cref="Refiner"/>.</summary>
public enum RefinerDevice
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>The current CUDA device.</summary>
    Cuda,
}
