namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// A device's primary context, the one that libtorch works in. Retained once and for the life of the process; made current for each piece of work,
/// since a thread of the pool, or libtorch's own for the backward pass, may have none or another. Thread-safe.
/// </summary>
internal sealed class PrimaryContext
{
    private readonly nint _context;

    /// <exception cref="CudaException">There is no such device, or it gives no context.</exception>
    public PrimaryContext(DriverApi driver, int index)
    {
        (Driver, Index, Device) = (driver, index, driver.Device(index));
        _context = driver.RetainPrimaryContext(Device);
    }

    public DriverApi Driver { get; }

    /// <summary>The device's number, as libtorch counts: 0 for <c>cuda:0</c>.</summary>
    public int Index { get; }

    /// <summary>The driver's handle of the device.</summary>
    public int Device { get; }

    /// <summary>Does the work with this context current, and leaves the thread as it was, also when the work throws.</summary>
    public void Run(Action work)
    {
        Driver.PushContext(_context);
        try
        {
            work();
        }
        catch
        {
            Driver.PopContext(unwinding: true);
            throw;
        }

        Driver.PopContext();
    }
}
