using System.Diagnostics;
using TorchSharp;

namespace Spn.Refinement;

/// <summary>What a refinement consists of, in the order of <see cref="RefineTimings"/>.</summary>
internal enum Stage
{
    Input,
    Guidance,
    Propagation,
    Output,
}

/// <summary>The borders between a refinement's stages: each is timed and told to who wants to know, and is where a cancelled call stops.</summary>
/// <param name="device">Where the work is done.</param>
/// <param name="measured">Somebody wants a <see cref="RefineReport"/>: the device finishes each stage before the next begins.</param>
/// <param name="progress">Told when a stage ends.</param>
/// <param name="image">Which of a sequence's pairs this is.</param>
/// <param name="cancellation">Stops the work.</param>
internal sealed class Stages(
    torch.Device device, bool measured = false, IProgress<RefineProgress>? progress = null, int image = 0, CancellationToken cancellation = default)
{
    private readonly TimeSpan[] _spent = new TimeSpan[4];
    private long _since = Stopwatch.GetTimestamp();
    private int _ended;

    public bool Measured => measured;

    /// <summary>Tiles of this image, known when its reading ends: each has a guidance and a propagation.</summary>
    public int Tiles { get; set; } = 1;

    public RefineTimings Timings => new(_spent[0], _spent[1], _spent[2], _spent[3]);

    /// <summary>Stages of a step within one of these: cancelled with them, but not told apart.</summary>
    public Stages Quiet() => new(device, cancellation: cancellation);

    /// <summary>Ends a stage.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled meanwhile.</exception>
    public void End(Stage stage)
    {
        cancellation.ThrowIfCancellationRequested();
        if (measured && device.type == DeviceType.CUDA)
            torch.cuda.synchronize(device);
        long now = Stopwatch.GetTimestamp();
        _spent[(int)stage] += Stopwatch.GetElapsedTime(_since, now);
        _since = now;
        progress?.Report(new RefineProgress(image, ++_ended / (2.0 + 2 * Tiles)));
    }
}
