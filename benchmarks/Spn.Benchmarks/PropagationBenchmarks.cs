using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Spn.Benchmarks.Baselines;
using Spn.Propagation;
using Spn.Propagation.Cpu;
using Spn.Simd;
using Spn.Torch;
using TorchSharp;

namespace Spn.Benchmarks;

/// <summary>
/// Compares the CPU kernels with the same recurrence in libtorch operations, with a plain scalar loop, and with the machine's copy
/// bandwidth, in one run. All use float32, four directions, a maximum, three-way connections and the same gates.
/// </summary>
public unsafe class PropagationBenchmarks
{
    private readonly List<nint> _buffers = [];
    private PropagationProblem _problem = null!;
    private ScalarLoop _scalar = null!;
    private LibTorchScan _libtorch = null!;
    private torch.Tensor _x = null!;
    private torch.Tensor _guidance = null!;
    private ForwardJob<float> _inference;
    private ForwardJob<float> _training;
    private BackwardJob<float> _backward;

    /// <summary>Channels x size, and whether the channels share their gates.</summary>
    [Params("1x1024", "16x256", "16x256 shared", "32x512", "32x512 shared")]
    public string Case { get; set; } = "";

    [ParamsSource(nameof(ThreadCounts))]
    public int Threads { get; set; }

    public static IEnumerable<int> ThreadCounts => Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];

    internal static PropagationProblem Problem(string name)
    {
        string[] parts = name.Split('x', ' ');
        return new PropagationProblem(int.Parse(parts[0]), int.Parse(parts[1]), name.EndsWith("shared", StringComparison.Ordinal));
    }

    [GlobalSetup]
    public void Setup()
    {
        torch.set_num_threads(Threads);
        _problem = Problem(Case);
        _scalar = new ScalarLoop(_problem);
        _libtorch = new LibTorchScan(_problem);
        long[] shape = [1, _problem.Channels, _problem.Size, _problem.Size];
        _x = torch.tensor(_problem.X, dimensions: shape);
        _guidance = torch.tensor(_problem.Gates, dimensions: [1, 12 * _problem.Groups, _problem.Size, _problem.Size]);
        int count = _problem.X.Length;
        var sizes = new PropagationShape(
            1, _problem.Channels, _problem.Size, _problem.Size, _problem.Groups, ScanDirections.All, GateConnection.ThreeWay);
        float* x = Buffer(_problem.X);
        float* guidance = Buffer(_problem.Gates);
        _inference = new() { Shape = sizes, Merge = DirectionMerge.Max, X = x, Guidance = guidance, Output = Buffer(count) };
        _training = _inference with { Hidden = Buffer(4 * count), Winners = (byte*)Buffer(count) };
        _backward = new()
        {
            Shape = sizes, Merge = DirectionMerge.Max, X = x, Guidance = guidance, Hidden = _training.Hidden, Winners = _training.Winners,
            GradOutput = Buffer(_problem.X), GradX = Buffer(count), GradGuidance = Buffer(_problem.Gates.Length),
        };
        Verify();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _libtorch.Dispose();
        _x.Dispose();
        _guidance.Dispose();
        foreach (nint buffer in _buffers)
            NativeMemory.AlignedFree((void*)buffer);
        _buffers.Clear();
    }

    [Benchmark]
    public void Forward() => CpuPropagation.Forward(ref _inference, GateNormalization.None, Threads, SimdLevels.Best);

    [Benchmark]
    public void ForwardSoftmax() => CpuPropagation.Forward(ref _inference, GateNormalization.Softmax, Threads, SimdLevels.Best);

    [Benchmark]
    public void ForwardTensor()
    {
        using torch.Tensor result = SpatialPropagation.Propagate(_x, _guidance, s_options);
    }

    [Benchmark]
    public void ForwardTraining() => CpuPropagation.Forward(ref _training, GateNormalization.None, Threads, SimdLevels.Best);

    [Benchmark]
    public void Backward() => CpuPropagation.Backward(ref _backward, GateNormalization.None, Threads, SimdLevels.Best);

    [Benchmark]
    public void BackwardSoftmax() => CpuPropagation.Backward(ref _backward, GateNormalization.Softmax, Threads, SimdLevels.Best);

    [Benchmark]
    public void LibTorch()
    {
        using torch.Tensor result = _libtorch.Run();
    }

    [Benchmark]
    public void Scalar() => _scalar.Run();

    private static readonly PropagationOptions s_options = new() { Normalization = GateNormalization.None };

    /// <summary>Verifies that the baselines compute the same result.</summary>
    private void Verify()
    {
        Forward();
        _scalar.Run();
        using torch.Tensor other = _libtorch.Run().contiguous();
        float[] libtorch = other.data<float>().ToArray();
        int plane = _problem.Size * _problem.Size;
        for (int i = 0; i < libtorch.Length; i++)
        {
            float expected = _inference.Output[i];
            float scalar = _scalar.Output[i / plane * plane + _problem.LineIndex(0, i % plane)];
            if (!(Math.Abs(expected - libtorch[i]) < 1e-4f && Math.Abs(expected - scalar) < 1e-4f))
                throw new InvalidOperationException(
                    $"{Case}: at {i} the kernel gives {expected}, libtorch {libtorch[i]}, the scalar loop {scalar}.");
        }
    }

    private float* Buffer(float[] values)
    {
        float* buffer = Buffer(values.Length);
        values.CopyTo(new Span<float>(buffer, values.Length));
        return buffer;
    }

    private float* Buffer(int count)
    {
        var buffer = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        NativeMemory.Clear(buffer, (nuint)count * sizeof(float));
        _buffers.Add((nint)buffer);
        return buffer;
    }
}
