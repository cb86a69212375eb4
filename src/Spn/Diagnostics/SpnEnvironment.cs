using System.Text;

namespace Spn.Diagnostics;

/// <summary>
/// The environment in which Spn runs: the system, the native libraries, the devices and the chosen backend. <see cref="ToString"/> formats
/// it for display.
/// </summary>
public sealed class SpnEnvironment
{
    /// <summary>The version of Spn.</summary>
    public required string Spn { get; init; }

    /// <summary>The operating system and its version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The architecture of the process, such as <c>X64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The .NET runtime and its version.</summary>
    public required string DotNet { get; init; }

    /// <summary>
    /// The newest symbol version and the path of the C++ runtime library; <see langword="null"/> if the system is not Linux or has none.
    /// </summary>
    public required string? LibStdCxx { get; init; }

    /// <summary>The version of TorchSharp and the libtorch version for which it was built.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>The full path of the loaded libtorch; <see langword="null"/> if none is loaded.</summary>
    public required string? LibTorch { get; init; }

    /// <summary>How TorchSharp's native library was loaded, or why it could not be loaded.</summary>
    public required string Loading { get; init; }

    /// <summary>The devices that torch can use, starting with <c>cpu</c>; empty if the native libraries could not be loaded.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary><c>available</c> if torch can use CUDA; otherwise the reason why it cannot.</summary>
    public required string Cuda { get; init; }

    /// <summary>
    /// The width in bits of the widest SIMD vectors that the processor and the runtime's settings allow: 512, 256, 128, or 0 for none.
    /// </summary>
    public required int SimdBits { get; init; }

    /// <summary>The number of processors that the process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>The number of threads that torch uses for one operation; 0 if torch could not be loaded.</summary>
    public required int TorchThreads { get; init; }

    /// <summary>
    /// The backend of the propagation for each device: the CUDA kernels and their compiler, or the CPU with the reason.
    /// </summary>
    public required string Backend { get; init; }

    /// <summary>Formats the environment with one line per entry.</summary>
    public override string ToString()
    {
        var lines = new StringBuilder();
        void Line(string name, object? value) => lines.Append(name.PadRight(12)).Append(value ?? "none").Append('\n');
        Line("Spn", Spn);
        Line("System", $"{OperatingSystem}, {Architecture}");
        Line(".NET", DotNet);
        Line("libstdc++", LibStdCxx);
        Line("TorchSharp", TorchSharp);
        Line("libtorch", LibTorch);
        Line("Loading", Loading);
        Line("Devices", Devices.Count == 0 ? null : string.Join(", ", Devices));
        Line("CUDA", Cuda);
        Line("SIMD", SimdBits == 0 ? "none" : $"{SimdBits} bits");
        Line("Processors", $"{Processors}, torch threads {TorchThreads}");
        Line("Backend", Backend);
        return lines.ToString();
    }
}
