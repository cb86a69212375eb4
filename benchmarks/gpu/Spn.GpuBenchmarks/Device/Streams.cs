using System.Runtime.InteropServices;
using Spn.Propagation.Cuda.Driver;

namespace Spn.GpuBenchmarks.Device;

/// <summary>
/// Streams and graphs, with the names of cuda.h. A graph replays launches without the work of the host.
/// </summary>
internal sealed unsafe class Streams(DriverApi driver)
{
    private const int ThreadLocalCapture = 1;

    private readonly delegate* unmanaged<nint*, uint, int> _create = (delegate* unmanaged<nint*, uint, int>)driver.Export("cuStreamCreate");
    private readonly delegate* unmanaged<nint, int> _destroy = (delegate* unmanaged<nint, int>)driver.Export("cuStreamDestroy_v2");

    public nint Create()
    {
        nint stream;
        driver.Check(_create(&stream, 0), "cuStreamCreate");
        return stream;
    }

    public void Destroy(nint stream) => driver.Check(_destroy(stream), "cuStreamDestroy");

    /// <summary>Captures work that is enqueued on a stream as an executable graph.</summary>
    /// <exception cref="EntryPointNotFoundException">The driver is older than CUDA 11.4.</exception>
    public nint Capture(nint stream, Action work)
    {
        var begin = (delegate* unmanaged<nint, int, int>)driver.Export("cuStreamBeginCapture_v2");
        var end = (delegate* unmanaged<nint, nint*, int>)driver.Export("cuStreamEndCapture");
        var instantiate = (delegate* unmanaged<nint*, nint, ulong, int>)driver.Export("cuGraphInstantiateWithFlags");
        driver.Check(begin(stream, ThreadLocalCapture), "cuStreamBeginCapture");
        nint graph, executable;
        try
        {
            work();
        }
        catch
        {
            _ = end(stream, &graph); // otherwise the stream would stay in capture mode
            throw;
        }

        driver.Check(end(stream, &graph), "cuStreamEndCapture");
        driver.Check(instantiate(&executable, graph, 0), "cuGraphInstantiate");
        return executable;
    }

    /// <summary>Enqueues a captured graph.</summary>
    public void Launch(nint graph, nint stream)
        => driver.Check(((delegate* unmanaged<nint, nint, int>)driver.Export("cuGraphLaunch"))(graph, stream), "cuGraphLaunch");
}
