using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Spn.Benchmarks.Baselines;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;

namespace Spn.Benchmarks;

/// <summary>Compares the same scan on planes and on channels-last maps, on one thread.</summary>
public unsafe class LayoutBenchmarks
{
    private PropagationProblem _problem = null!;
    private ForwardJob<float> _job;
    private float* _lastX;
    private float* _lastGates;
    private float* _lastOutput;
    private float* _state;

    [Params("16x256", "16x256 shared", "32x512", "32x512 shared")]
    public string Case { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _problem = PropagationBenchmarks.Problem(Case);
        (int channels, int plane) = (_problem.Channels, _problem.Size * _problem.Size);
        _job = new()
        {
            Shape = new(1, channels, _problem.Size, _problem.Size, _problem.Groups, ScanDirections.All, GateConnection.ThreeWay),
            Merge = DirectionMerge.Max,
            X = Allocate(_problem.X.Length),
            Guidance = Allocate(_problem.Gates.Length),
            Output = Allocate(_problem.X.Length),
        };
        _problem.X.CopyTo(new Span<float>(_job.X, _problem.X.Length));
        _problem.Gates.CopyTo(new Span<float>(_job.Guidance, _problem.Gates.Length));
        _lastX = Allocate(_problem.X.Length);
        _lastGates = Allocate(_problem.Gates.Length);
        _lastOutput = Allocate(_problem.X.Length);
        _state = Allocate(ChannelsLastScan.StateSize(_problem));
        ToChannelsLast(_problem.X, channels, plane, _lastX);
        ToChannelsLast(_problem.Gates, 12 * _problem.Groups, plane, _lastGates);

        Planar();
        ChannelsLast();
        for (int i = 0; i < _problem.X.Length && ChannelsLastScan.IsSupported; i++)
        {
            if (!(Math.Abs(_job.Output[i] - _lastOutput[i % plane * channels + i / plane]) < 1e-4f))
                throw new InvalidOperationException($"{Case}: the results of the two layouts differ at {i}.");
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (nint buffer in new[] { (nint)_job.X, (nint)_job.Guidance, (nint)_job.Output, (nint)_lastX, (nint)_lastGates,
            (nint)_lastOutput, (nint)_state })
            NativeMemory.AlignedFree((void*)buffer);
    }

    [Benchmark]
    public void Planar() => CpuPropagation.Forward(ref _job, GateNormalization.None, 1, SimdLevels.Best);

    [Benchmark]
    public void ChannelsLast()
    {
        if (ChannelsLastScan.IsSupported)
            ChannelsLastScan.Run(_problem, _lastX, _lastGates, _lastOutput, _state);
    }

    private static void ToChannelsLast(float[] planes, int channels, int plane, float* destination)
    {
        for (int i = 0; i < planes.Length; i++)
            destination[i % plane * channels + i / plane] = planes[i];
    }

    private static float* Allocate(int count) => (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
}
