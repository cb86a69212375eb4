using BenchmarkDotNet.Attributes;
using Spn.Models;

namespace Spn.Benchmarks;

/// <summary>
/// The calls of the built-in model at 512 x 512: the guidance, one mask with existing guidance, and an image with 21 classes.
/// </summary>
public class InferenceBenchmarks
{
    private const int Size = 512;
    private const int ClassCount = 21;

    private readonly float[] _image = Draw(3), _masks = Draw(ClassCount), _refined = new float[ClassCount * Size * Size];
    private SpnModel _model = null!;
    private IGuidance _guidance = null!;

    [ParamsSource(typeof(PropagationBenchmarks), nameof(PropagationBenchmarks.ThreadCounts))]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _model = SpnModel.Fast.WithMaxThreads(Threads);
        _guidance = _model.Guide(_image, Size, Size);
    }

    [GlobalCleanup]
    public void Cleanup() => _guidance.Dispose();

    [Benchmark]
    public void Guidance() => _model.Guide(_image, Size, Size).Dispose();

    [Benchmark]
    public void Mask() => _guidance.Propagate(_masks.AsSpan(0, Size * Size), _refined.AsSpan(0, Size * Size));

    [Benchmark]
    public void Classes()
    {
        using IGuidance guidance = _model.Guide(_image, Size, Size);
        guidance.Propagate(_masks, _refined);
    }

    private static float[] Draw(int planes)
    {
        Random random = new(planes);
        float[] values = new float[planes * Size * Size];
        foreach (ref float value in values.AsSpan())
            value = random.NextSingle();
        return values;
    }
}
