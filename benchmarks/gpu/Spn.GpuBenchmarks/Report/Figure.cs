using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Model;

namespace Spn.GpuBenchmarks.Report;

/// <summary>What a figure is about, which is where the report has it.</summary>
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

/// <summary>One measurement, or why there is none.</summary>
internal sealed record Figure
{
    public required Section Section { get; init; }

    public required string Case { get; init; }

    /// <summary>Microseconds; <see langword="null"/> where it failed.</summary>
    public Timing? Time { get; init; }

    /// <summary>The scheme's needs, for kernels of the library.</summary>
    public RoundCost? Cost { get; init; }

    public Floor? Floor { get; init; }

    /// <summary>Microseconds that it may take; <see langword="null"/> where nothing is asked.</summary>
    public double? Allowed { get; init; }

    /// <summary>Where <see cref="Allowed"/> comes from.</summary>
    public string? Rule { get; init; }

    /// <summary>The result's largest difference from the reference, of the largest value, and what is tolerated.</summary>
    public double? Error { get; init; }

    public double? Tolerance { get; init; }

    /// <summary>What the same work takes otherwise, in microseconds.</summary>
    public Timing? Baseline { get; init; }

    public IReadOnlyList<KernelFigure> Kernels { get; init; } = [];

    public string? Note { get; init; }

    /// <summary>Why there is no figure.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the result is right; <see langword="null"/> where it was not compared.</summary>
    public bool? IsRight => Error is { } error ? error <= Tolerance : null;

    /// <summary>Whether what is asked is met; <see langword="null"/> where nothing is. A wrong result or none meets nothing.</summary>
    public bool? IsMet => Failure is not null || IsRight == false ? false : Allowed is { } allowed ? Time!.Median <= allowed : null;
}

/// <summary>What a kernel takes.</summary>
/// <param name="Name">Its entry and macros.</param>
/// <param name="Registers">Registers of a thread.</param>
/// <param name="LocalBytes">Bytes of a thread that did not fit in registers.</param>
/// <param name="CompileMilliseconds">What NVRTC took; <see langword="null"/> where it came from the cache.</param>
internal sealed record KernelFigure(string Name, int Registers, int LocalBytes, double? CompileMilliseconds = null);

/// <summary>The device and what was measured of it by itself.</summary>
internal sealed record DeviceFacts
{
    public required string Description { get; init; }

    public required int Architecture { get; init; }

    public required int Multiprocessors { get; init; }

    public required long L2Bytes { get; init; }

    public required long MemoryBytes { get; init; }

    /// <summary>The newest CUDA that the driver supports, such as 12080.</summary>
    public required int DriverVersion { get; init; }

    /// <summary>Cycles a microsecond, at most, which the chains are reckoned with.</summary>
    public required double Clock { get; init; }

    /// <summary>Cycles a microsecond as they were.</summary>
    public required double MeasuredClock { get; init; }

    /// <summary>Bytes that a copy reads and writes in a microsecond: the driver's, and a plain kernel's.</summary>
    public required double DriverCopy { get; init; }

    public required double KernelCopy { get; init; }

    /// <summary>Microseconds of a launch that does nothing.</summary>
    public required double Launch { get; init; }

    /// <summary>The better of the two copies.</summary>
    public double Bandwidth => Math.Max(DriverCopy, KernelCopy);
}
