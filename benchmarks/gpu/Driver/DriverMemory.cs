using Spn.Propagation.Cuda.Driver;

namespace Spn.GpuDriver;

/// <summary>
/// Device memory and timing without libtorch, with the names of cuda.h. Each method checks the returned code and works in the thread's
/// current context, so it must be called inside <see cref="PrimaryContext.Run"/>. Thread-safe.
/// </summary>
internal sealed unsafe class DriverMemory(DriverApi driver)
{
    private readonly delegate* unmanaged<nint*, nuint, int> _allocate
        = (delegate* unmanaged<nint*, nuint, int>)driver.Export("cuMemAlloc_v2");
    private readonly delegate* unmanaged<nint, int> _free = (delegate* unmanaged<nint, int>)driver.Export("cuMemFree_v2");
    private readonly delegate* unmanaged<nuint*, nuint*, int> _getInfo
        = (delegate* unmanaged<nuint*, nuint*, int>)driver.Export("cuMemGetInfo_v2");
    private readonly delegate* unmanaged<nint, void*, nuint, int> _upload
        = (delegate* unmanaged<nint, void*, nuint, int>)driver.Export("cuMemcpyHtoD_v2");
    private readonly delegate* unmanaged<void*, nint, nuint, int> _download
        = (delegate* unmanaged<void*, nint, nuint, int>)driver.Export("cuMemcpyDtoH_v2");
    private readonly delegate* unmanaged<nint, nint, nuint, nint, int> _copy
        = (delegate* unmanaged<nint, nint, nuint, nint, int>)driver.Export("cuMemcpyDtoDAsync_v2");
    private readonly delegate* unmanaged<nint, byte, nuint, nint, int> _fill
        = (delegate* unmanaged<nint, byte, nuint, nint, int>)driver.Export("cuMemsetD8Async");
    private readonly delegate* unmanaged<nint*, uint, int> _eventCreate
        = (delegate* unmanaged<nint*, uint, int>)driver.Export("cuEventCreate");
    private readonly delegate* unmanaged<nint, int> _eventDestroy = (delegate* unmanaged<nint, int>)driver.Export("cuEventDestroy_v2");
    private readonly delegate* unmanaged<nint, nint, int> _eventRecord
        = (delegate* unmanaged<nint, nint, int>)driver.Export("cuEventRecord");
    private readonly delegate* unmanaged<nint, int> _eventSynchronize = (delegate* unmanaged<nint, int>)driver.Export("cuEventSynchronize");
    private readonly delegate* unmanaged<float*, nint, nint, int> _eventElapsedTime
        = (delegate* unmanaged<float*, nint, nint, int>)driver.Export("cuEventElapsedTime");

    private readonly delegate* unmanaged<nint, int> _streamSynchronize
        = (delegate* unmanaged<nint, int>)driver.Export("cuStreamSynchronize");

    /// <summary>Waits until all work enqueued on a stream has finished.</summary>
    public void Synchronize(nint stream) => driver.Check(_streamSynchronize(stream), "cuStreamSynchronize");

    /// <summary>Allocates memory, aligned to at least 256 bytes.</summary>
    public nint Allocate(long bytes)
    {
        nint address;
        driver.Check(_allocate(&address, (nuint)bytes), "cuMemAlloc", $"{bytes} bytes");
        return address;
    }

    public void Free(nint address) => driver.Check(_free(address), "cuMemFree");

    /// <summary>Free and total device memory in bytes.</summary>
    public (long Free, long Total) Info()
    {
        nuint free, total;
        driver.Check(_getInfo(&free, &total), "cuMemGetInfo");
        return ((long)free, (long)total);
    }

    /// <summary>Copies from host to device and returns when the copy is complete.</summary>
    public void Upload(nint to, void* from, long bytes) => driver.Check(_upload(to, from, (nuint)bytes), "cuMemcpyHtoD");

    /// <summary>
    /// Copies from device to host, after all work enqueued on the legacy default stream, and returns when the copy is complete.
    /// </summary>
    public void Download(void* to, nint from, long bytes) => driver.Check(_download(to, from, (nuint)bytes), "cuMemcpyDtoH");

    /// <summary>Enqueues a copy within the device.</summary>
    public void Copy(nint to, nint from, long bytes, nint stream)
        => driver.Check(_copy(to, from, (nuint)bytes, stream), "cuMemcpyDtoDAsync");

    /// <summary>Enqueues a fill of all bytes with one value.</summary>
    public void Fill(nint address, byte value, long bytes, nint stream)
        => driver.Check(_fill(address, value, (nuint)bytes, stream), "cuMemsetD8Async");

    /// <summary>Creates an event with timing.</summary>
    public nint CreateEvent()
    {
        nint @event;
        driver.Check(_eventCreate(&@event, 0), "cuEventCreate");
        return @event;
    }

    public void DestroyEvent(nint @event) => driver.Check(_eventDestroy(@event), "cuEventDestroy");

    /// <summary>Enqueues an event.</summary>
    public void Record(nint @event, nint stream) => driver.Check(_eventRecord(@event, stream), "cuEventRecord");

    /// <summary>Waits until the device has reached an event.</summary>
    public void Wait(nint @event) => driver.Check(_eventSynchronize(@event), "cuEventSynchronize");

    /// <summary>
    /// Milliseconds between two events that the device has reached, with a resolution of about half a microsecond.
    /// </summary>
    public float Milliseconds(nint start, nint end)
    {
        float milliseconds;
        driver.Check(_eventElapsedTime(&milliseconds, start, end), "cuEventElapsedTime");
        return milliseconds;
    }
}
