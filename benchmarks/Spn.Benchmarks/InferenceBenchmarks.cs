using BenchmarkDotNet.Attributes;
using Spn.Guidance;
using TorchSharp;

namespace Spn.Benchmarks;

/// <summary>
/// The calls of the built-in model at 512 x 512: the guidance, one mask with existing guidance, and an image with 21 classes.
/// </summary>
public class InferenceBenchmarks
{
    private const int Size = 512;
    private const int ClassCount = 21;

    private SpnModel _model = null!;
    private torch.Tensor _image = null!;
    private torch.Tensor _masks = null!;
    private torch.Tensor _mask = null!;
    private torch.Tensor _guidance = null!;
    private torch.Tensor _square = null!;

    [ParamsSource(typeof(PropagationBenchmarks), nameof(PropagationBenchmarks.ThreadCounts))]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        torch.set_num_threads(Threads);
        _model = SpnModel.Fast.Load();
        _image = torch.rand(1, 3, Size, Size);
        _masks = torch.rand(1, ClassCount, Size, Size);
        _mask = _masks.narrow(1, 0, 1).contiguous();
        _guidance = _model.Guide(_image);
        _square = torch.rand(1024, 1024);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (IDisposable owned in new IDisposable[] { _model, _image, _masks, _mask, _guidance, _square })
            owned.Dispose();
    }

    [Benchmark]
    public void Guidance()
    {
        using torch.Tensor guidance = _model.Guide(_image);
    }

    [Benchmark]
    public void Mask()
    {
        using torch.Tensor refined = _model.Propagate(_guidance, _mask);
    }

    [Benchmark]
    public void Classes()
    {
        using torch.Tensor guidance = _model.Guide(_image), refined = _model.Propagate(guidance, _masks);
    }

    /// <summary>The current speed of the machine: a matrix product of 2.1 billion operations.</summary>
    [Benchmark]
    public void MatrixProduct()
    {
        using torch.Tensor product = _square.matmul(_square);
    }
}
