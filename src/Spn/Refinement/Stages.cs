using System.Diagnostics;
using TorchSharp;

namespace Spn.Refinement;

/// <summary>The borders between a refinement's stages: each is timed, and is where a cancelled call stops.</summary>
internal sealed class Stages(torch.Device device, bool timed, CancellationToken cancellation)
{
    private long _since = Stopwatch.GetTimestamp();

    /// <summary>Ends a stage.</summary>
    /// <returns>How long it took.</returns>
    /// <exception cref="OperationCanceledException">The call was cancelled meanwhile.</exception>
    public TimeSpan End()
    {
        cancellation.ThrowIfCancellationRequested();
        if (timed && device.type == DeviceType.CUDA)
            torch.cuda.synchronize(device);
        long now = Stopwatch.GetTimestamp();
        TimeSpan stage = Stopwatch.GetElapsedTime(_since, now);
        _since = now;
        return stage;
    }
}
