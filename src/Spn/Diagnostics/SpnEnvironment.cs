using System.Text;

namespace Spn.Diagnostics;

/// <summary>What Spn runs on: the system, the native libraries, the devices and the backend it chose. <see cref="ToString"/> gives it as lines to print.</summary>
public sealed class SpnEnvironment
{
    /// <summary>Version of Spn.</summary>
    public required string Spn { get; init; }

    /// <summary>Operating system and its version.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>Architecture of the process, such as <c>X64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The .NET runtime and its version.</summary>
    public required string DotNet { get; init; }

    /// <summary>Newest symbol version and path of the C++ runtime library; <see langword="null"/> where the system is not Linux or has none.</summary>
    public required string? LibStdCxx { get; init; }

    /// <summary>The versions of TorchSharp and of the libtorch it is made for.</summary>
    public required string TorchSharp { get; init; }

    /// <summary>Full path of the loaded libtorch; <see langword="null"/> where none is.</summary>
    public required string? LibTorch { get; init; }

    /// <summary>How TorchSharp's native library was loaded, or why it was not.</summary>
    public required string Loading { get; init; }

    /// <summary>The devices that torch can use, <c>cpu</c> first; empty where the native libraries did not load.</summary>
    public required IReadOnlyList<string> Devices { get; init; }

    /// <summary>Whether torch can use CUDA, and if not, why.</summary>
    public required string Cuda { get; init; }

    /// <summary>Width in bits of the widest vectors that the processor and the runtime's settings allow: 512, 256, 128, or 0 for none.</summary>
    public required int SimdBits { get; init; }

    /// <summary>
    /// Whether the built-in models' guidance multiplies bfloat16 on the CPU, because the processor does so twice as fast as float32. Masks on two machines may then differ, by 0.01 grey levels of 255 on
    /// average and a few in single pixels. The switch <c>Spn.ReducedPrecision</c>, off before Spn is first used, turns it off.
    /// </summary>
    public required bool ReducedPrecision { get; init; }

    /// <summary>Number of processors that the process may use.</summary>
    public required int Processors { get; init; }

    /// <summary>Number of threads that torch uses for one operation; 0 where it did not load.</summary>
    public required int TorchThreads { get; init; }

    /// <summary>What propagates the tensors of each device: CUDA kernels, and what compiles them, or the CPU, and why.</summary>
    public required string Backend { get; init; }

    /// <summary>One line for each entry.</summary>
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
        Line("SIMD", (SimdBits == 0 ? "none" : $"{SimdBits} bits") + (ReducedPrecision ? ", guidance in bfloat16" : ""));
        Line("Processors", $"{Processors}, torch threads {TorchThreads}");
        Line("Backend", Backend);
        return lines.ToString();
    }
}
