using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Model;

namespace Spn.GpuBenchmarks.Report;

/// <summary>The subject of a measurement, which determines its section in the report.</summary>
internal enum Section
{
    Rounds,
    Gspn2,
    Module,
    Classic,
    Operator,
    TensorOps,
    Refiner,
}

/// <summary>One measurement, or the reason why there is none.</summary>
internal sealed record Figure
{
    public required Section Section { get; init; }

    public required string Case { get; init; }

    /// <summary>The time in microseconds; <see langword="null"/> if the measurement failed.</summary>
    public Timing? Time { get; init; }

    /// <summary>The minimum cost of the scheme, for kernels of the library.</summary>
    public RoundCost? Cost { get; init; }

    public Floor? Floor { get; init; }

    /// <summary>The allowed time in microseconds; <see langword="null"/> if there is no limit.</summary>
    public double? Allowed { get; init; }

    /// <summary>The rule from which <see cref="Allowed"/> follows.</summary>
    public string? Rule { get; init; }

    /// <summary>
    /// The largest difference between result and reference, relative to the largest value, and its tolerance.
    /// </summary>
    public double? Error { get; init; }

    public double? Tolerance { get; init; }

    /// <summary>The time of the baseline for the same work, in microseconds.</summary>
    public Timing? Baseline { get; init; }

    public IReadOnlyList<KernelFigure> Kernels { get; init; } = [];

    public string? Note { get; init; }

    /// <summary>The reason why there is no measurement.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the result is correct; <see langword="null"/> if it was not compared.</summary>
    public bool? IsRight => Error is { } error ? error <= Tolerance : null;

    /// <summary>
    /// Whether the limit is met; <see langword="null"/> if there is none. A missing or incorrect result meets no limit.
    /// </summary>
    public bool? IsMet => Failure is not null || IsRight == false ? false : Allowed is { } allowed ? Time!.Median <= allowed : null;
}

/// <summary>The resources of a kernel.</summary>
/// <param name="Name">The entry point and the macros.</param>
/// <param name="Registers">Registers per thread.</param>
/// <param name="LocalBytes">Bytes per thread that did not fit in registers.</param>
/// <param name="Blocks">Blocks that a multiprocessor can hold at the same time.</param>
/// <param name="Warps">The warps of these blocks.</param>
/// <param name="CompileMilliseconds">The compile time of NVRTC; <see langword="null"/> if the kernel came from the cache.</param>
internal sealed record KernelFigure(
    string Name, int Registers, int LocalBytes, int Blocks = 0, int Warps = 0, double? CompileMilliseconds = null);

/// <summary>The device and its basic measurements.</summary>
internal sealed record DeviceFacts
{
    public required string Description { get; init; }

    public required int Architecture { get; init; }

    public required int Multiprocessors { get; init; }

    public required long L2Bytes { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>The newest CUDA version that the driver supports, such as 12080 for 12.8.</summary>
    public required int DriverVersion { get; init; }

    /// <summary>The maximum clock in cycles per microsecond, which is used for the chains.</summary>
    public required double Clock { get; init; }

    /// <summary>The measured clock in cycles per microsecond.</summary>
    public required double MeasuredClock { get; init; }

    /// <summary>Bytes that a copy reads and writes per microsecond, by the driver and by a simple kernel.</summary>
    public required double DriverCopy { get; init; }

    public required double KernelCopy { get; init; }

    /// <summary>The time of an empty launch in microseconds.</summary>
    public required double Launch { get; init; }

    /// <summary>The faster of the two copies.</summary>
    public double Bandwidth => Math.Max(DriverCopy, KernelCopy);
}
