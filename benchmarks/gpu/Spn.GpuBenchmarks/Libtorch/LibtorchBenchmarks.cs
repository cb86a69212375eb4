using System.Diagnostics;
using Spn.GpuBenchmarks.Device;
using Spn.GpuBenchmarks.Report;
using Spn.Propagation;
using Spn.Torch;
using TorchSharp;

namespace Spn.GpuBenchmarks.Libtorch;

/// <summary>Measures calls on CUDA tensors as a user makes them, including the overhead of libtorch and the host.</summary>
internal sealed class LibtorchBenchmarks(torch.Device device, Action<Figure> report)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly (long Batch, long Channels, long Height, long Width)[] s_sizes =
        [(1, 16, 64, 64), (1, 32, 256, 256), (1, 8, 1024, 1024), (16, 8, 1024, 1024)];

    public void Run()
    {
        foreach ((long Batch, long Channels, long Height, long Width) size in s_sizes)
        foreach (bool backward in new[] { false, true })
        {
            string pass = backward ? "forward and backward" : "forward";
            Try(Section.Operator, $"{Name(size)}, four directions, max, two rounds, {pass}", name => Operator(name, size, backward));
        }

        foreach ((long Batch, long Channels, long Height, long Width) size in s_sizes)
        foreach (bool backward in new[] { false, true })
        {
            // The results of all operations are kept until the backward pass: 50 GB for the largest size.
            if (!backward || size.Batch == 1)
            {
                string pass = backward ? "forward and backward" : "forward";
                Try(Section.TensorOps, $"{Name(size)}, left to right, {pass}", name => AgainstTensorOps(name, size, backward));
            }
        }

        foreach ((string megapixels, long height, long width) in new[] { ("0.26 MP", 512L, 512L), ("2 MP", 1250L, 1600L) })
            Try(Section.Refiner, $"edge guidance, one mask, {width} x {height} ({megapixels})", name => Refiner(name, height, width));
    }

    private Figure Operator(string name, (long Batch, long Channels, long Height, long Width) size, bool backward)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor x, torch.Tensor guidance) = Inputs(size, directions: 4, backward);
        var options = new PropagationOptions { Rounds = 2 };
        void Call() => Use(SpatialPropagation.Propagate(x, guidance, options), backward, x, guidance);
        (Timing time, Timing host) = Measure(Call);
        return new Figure { Section = Section.Operator, Case = name, Time = time, Note = HostNote(host) };
    }

    private Figure AgainstTensorOps(string name, (long Batch, long Channels, long Height, long Width) size, bool backward)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor x, torch.Tensor guidance) = Inputs(size, directions: 1, backward);
        var options = new PropagationOptions { Directions = ScanDirections.LeftToRight };
        void Kernels() => Use(SpatialPropagation.Propagate(x, guidance, options), backward, x, guidance);
        void TensorOperations() => Use(TensorOps.Propagate(x, guidance), backward, x, guidance);
        double error;
        using (torch.no_grad())
        using (torch.NewDisposeScope())
        {
            torch.Tensor difference = SpatialPropagation.Propagate(x, guidance, options).sub(TensorOps.Propagate(x, guidance));
            error = difference.abs().max().cpu().item<float>();
        }
        return new Figure
        {
            Section = Section.TensorOps, Case = name, Time = Measure(Kernels).Time, Baseline = Measure(TensorOperations).Time,
            Error = error, Tolerance = 2e-5,
        };
    }

    private Figure Refiner(string name, long height, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCuda().Build();
        torch.Tensor image = torch.rand(3, height, width, device: device), mask = torch.rand(height / 8, width / 8, device: device);
        void Call()
        {
            using torch.Tensor refined = refiner.Refine(image, mask);
        }

        (Timing time, Timing host) = Measure(Call);
        return new Figure { Section = Section.Refiner, Case = name, Time = time, Note = HostNote(host) };
    }

    private (torch.Tensor X, torch.Tensor Guidance) Inputs(
        (long Batch, long Channels, long Height, long Width) size, int directions, bool backward)
    {
        torch.Tensor x = torch.rand([size.Batch, size.Channels, size.Height, size.Width], device: device);
        torch.Tensor guidance = torch.rand([size.Batch, 3L * directions * size.Channels, size.Height, size.Width], device: device);
        return (x.requires_grad_(backward), guidance.requires_grad_(backward));
    }

    private static void Use(torch.Tensor result, bool backward, torch.Tensor x, torch.Tensor guidance)
    {
        using (result)
        {
            if (!backward)
                return;
            using torch.Tensor sum = result.sum();
            sum.backward();
            x.grad!.Dispose();
            guidance.grad!.Dispose();
            (x.grad, guidance.grad) = (null, null);
        }
    }

    /// <summary>Times successive calls by the host's clock: each until the device has finished, and the host's part alone.</summary>
    private static (Timing Time, Timing Host) Measure(Action call)
    {
        void One()
        {
            using DisposeScope scope = torch.NewDisposeScope();
            call();
        }

        for (int i = 0; i < 3; i++)
            One();
        torch.cuda.synchronize();
        var whole = new List<double>();
        var host = new List<double>();
        long begun = Stopwatch.GetTimestamp();
        while (whole.Count < 100 && (whole.Count < 3 || Stopwatch.GetElapsedTime(begun) < s_patience))
        {
            long start = Stopwatch.GetTimestamp();
            One();
            host.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            torch.cuda.synchronize();
            whole.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return (Timing.Of(whole), Timing.Of(host));
    }

    private void Try(Section section, string name, Func<string, Figure> measure)
    {
        Figure figure;
        try
        {
            figure = measure(name);
        }
#pragma warning disable CA1031 // another version of libtorch may throw anything; the other measurements continue
        catch (Exception failure)
#pragma warning restore CA1031
        {
            figure = new Figure { Section = section, Case = name, Failure = $"{failure.GetType().Name}: {failure.Message}" };
        }

        report(figure);
    }

    private static string HostNote(Timing host) => FormattableString.Invariant($"host alone: {host.Median:F1} µs per call");

    private static string Name((long Batch, long Channels, long Height, long Width) size)
        => $"[{size.Batch}, {size.Channels}, {size.Height}, {size.Width}] fp32, separate gates";
}
