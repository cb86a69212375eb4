using Spn.GpuBenchmarks.Baselines;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Model;
using Spn.GpuBenchmarks.Report;
using Spn.Propagation;
using Spn.Propagation.Cuda;
using Spn.Propagation.Cuda.Driver;

namespace Spn.GpuBenchmarks.Rounds;

/// <summary>
/// Measures the kernels through the driver alone. A failure becomes a failed measurement, and the others continue: in a new process if a
/// kernel fault has made the device unusable for this one.
/// </summary>
/// <param name="gpu">The device.</param>
/// <param name="timer">The timer.</param>
/// <param name="device">The basic measurements of the device.</param>
/// <param name="done">The measurements of an earlier process, which are not repeated.</param>
/// <param name="report">Receives each measurement.</param>
internal sealed class KernelBenchmarks(Gpu gpu, GpuTimer timer, DeviceFacts device, IReadOnlyList<Figure> done, Action<Figure> report)
{
    private readonly HashSet<(Section, string)> _done = [.. done.Select(figure => (figure.Section, figure.Case))];
    private bool _isUsable = true;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    // The 1.8 ms of GSPN-2 on an A100 with 2.03 TB/s.
    private const double Gspn2Microseconds = 1800, Gspn2Bandwidth = 2.03e6;
    private const double ModuleMicroseconds = 15;
    private const int ModuleCalls = 50;

    private static readonly (int, int, int, int) s_gspn2 = (16, 8, 1024, 1024);

    /// <summary>Runs all measurements that have not been done yet.</summary>
    /// <returns>Whether the device is still usable; otherwise a new process has to continue.</returns>
    public bool Run()
    {
        foreach (RoundCase round in RoundCase.All())
            Try(Section.Rounds, round.ToString(), () => Measure(round));
        foreach (ScanDirections direction in new[] { ScanDirections.LeftToRight, ScanDirections.TopToBottom })
            Gspn2(direction);
        foreach (CudaScalar scalar in new[] { CudaScalar.Float32, CudaScalar.BFloat16 })
        foreach (int groups in new[] { 16, 1 })
        {
            var of = new RoundCase(Pass.Forward, RoundCase.Round((1, 16, 64, 64), groups, ScanDirections.All, scalar));
            Try(Section.Module, $"{of}, two rounds", () => Module(scalar, groups));
        }
        foreach ((int, int, int, int) size in RoundCase.Sizes)
        foreach (Pass pass in new[] { Pass.Forward, Pass.Backward })
        foreach (ScanDirections direction in new[] { ScanDirections.LeftToRight, ScanDirections.TopToBottom })
        {
            var round = new RoundCase(pass, RoundCase.Round(size, size.Item2, direction, CudaScalar.Float32));
            Try(Section.Classic, $"{round}, {Words(direction)}", () => Classic(round));
        }

        return _isUsable;
    }

    private Figure Measure(RoundCase of)
    {
        using var round = new Round(gpu, of);
        return Measure(round) with { Section = Section.Rounds };
    }

    private Figure Measure(Round round)
    {
        if (round.Case.Pass == Pass.Backward)
            round.Forward();
        RoundCost cost = round.Cost;
        Timing time = timer.Measure(round.Enqueue);
        var floor = Floor.Of(cost, timer.Launches(cost.Launches), device.Clock, device.Bandwidth);
        return new Figure
        {
            Section = Section.Rounds, Case = round.Case.ToString(), Time = time, Cost = cost, Floor = floor,
            Allowed = Floor.Allowed * floor.Microseconds, Rule = $"{Floor.Allowed} x (launch + the longer of chain and traffic)",
            Error = RoundCheck.Error(gpu, round), Tolerance = RoundCheck.Tolerance(round.Case.Operator.Scalar),
            Kernels = [.. Kernels(round)],
        };
    }

    private void Gspn2(ScanDirections direction)
    {
        CudaOperator softmax = RoundCase.Round(s_gspn2, s_gspn2.Item2, direction, CudaScalar.Float32, inputGate: true);
        CudaOperator op = softmax with { Normalization = GateNormalization.NormalizedSigmoid };
        var of = new RoundCase(Pass.Forward, op);
        string name = $"{of}, {Words(direction)}";
        Try(Section.Gspn2, name, () =>
        {
            using var round = new Round(gpu, of);
            return Measure(round) with
            {
                Section = Section.Gspn2, Case = name, Allowed = Gspn2Microseconds * Gspn2Bandwidth / device.Bandwidth,
                Rule = "faster than GSPN-2's 1.8 ms on an A100 of 2.03 TB/s, scaled by bandwidth",
            };
        });
    }

    /// <summary>Measures many calls of the two-round module in one graph, without the work of the host.</summary>
    private Figure Module(CudaScalar scalar, int groups)
    {
        var of = new RoundCase(Pass.Forward, RoundCase.Round((1, 16, 64, 64), groups, ScanDirections.All, scalar));
        using var round = new Round(gpu, of);
        nint result = gpu.Allocate(of.Operator.MapElements * scalar.Size());
        void Call() => round.ForwardTwice(result);

        void Calls()
        {
            for (int i = 0; i < ModuleCalls; i++)
                Call();
        }

        Call(); // kernels cannot be loaded during the capture of a graph
        gpu.Synchronize();
        nint graph = 0;
        string note;
        try
        {
            graph = gpu.Streams.Capture(gpu.Stream, Calls);
            note = $"{ModuleCalls} calls in a CUDA graph";
        }
        catch (Exception failure) when (failure is CudaException or EntryPointNotFoundException)
        {
            note = $"{ModuleCalls} calls launched one by one, with the host's overhead: {failure.Message}";
        }

        Timing time = timer.Measure(graph == 0 ? Calls : () => gpu.Streams.Launch(graph, gpu.Stream)).Per(ModuleCalls);
        double error = RoundCheck.ForwardError(gpu, round, result, rounds: 2);
        gpu.Free(result);
        return new Figure
        {
            Section = Section.Module, Case = $"{of}, two rounds", Time = time, Allowed = ModuleMicroseconds,
            Rule = "15 µs per call without the host's overhead",
            Error = error, Tolerance = 2 * RoundCheck.Tolerance(scalar), Kernels = [.. Kernels(round)], Note = note,
        };
    }

    private Figure Classic(RoundCase of)
    {
        using var round = new Round(gpu, of);
        round.Forward(); // computes the maps that the backward pass reads
        using var classic = new ClassicScan(gpu, round);
        Timing baseline = timer.Measure(classic.Enqueue);
        double classicError = RoundCheck.Error(gpu, round);
        Timing time = timer.Measure(round.Enqueue);
        double error = RoundCheck.Error(gpu, round), tolerance = RoundCheck.Tolerance(of.Operator.Scalar);
        return new Figure
        {
            Section = Section.Classic, Case = $"{of}, {Words(of.Operator.Shape.Directions)}", Time = time, Baseline = baseline,
            Error = Math.Max(error, classicError), Tolerance = tolerance,
            Note = classicError <= tolerance ? null : Invariant($"the classic kernel itself is off by {classicError:G2}"),
        };
    }

    private IEnumerable<KernelFigure> Kernels(Round round)
        => round.Kernels.Select(kernel => gpu.Inspector.Inspect(kernel.Key, kernel.Value));

    private void Try(Section section, string name, Func<Figure> measure)
    {
        if (!_isUsable || _done.Contains((section, name)))
            return;
        Figure figure;
        // A kernel that hangs cannot be stopped from here: the process ends, and another continues with the next measurement.
        using var watchdog = new Watchdog(s_patience, () =>
        {
            report(new Figure { Section = section, Case = name, Failure = $"no result after {s_patience.TotalSeconds} s" });
            Watchdog.Exit(ExitCode.Again);
        });
        try
        {
            figure = measure();
        }
        catch (CudaException failure)
        {
            figure = new Figure { Section = section, Case = name, Failure = failure.Message };
            _isUsable = IsUsable();
        }

        report(figure);
    }

    // After a fault, such as an address out of bounds, every call fails.
    private bool IsUsable()
    {
        try
        {
            gpu.Synchronize();
            return true;
        }
        catch (CudaException)
        {
            return false;
        }
    }

    private static string Words(ScanDirections direction) => direction == ScanDirections.LeftToRight ? "left to right" : "top to bottom";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
