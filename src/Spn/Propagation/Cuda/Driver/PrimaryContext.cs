namespace Spn.Propagation.Cuda.Driver;

/// <summary>
/// A device's primary context, in which libtorch also works. It is retained for the life of the process and made current for each piece of
/// work, because a pool thread, or libtorch's own thread for the backward pass, may have no context or a different one. Thread-safe.
/// </summary>
internal sealed class PrimaryContext
{
    private readonly nint _context;

    /// <exception cref="CudaException">The device does not exist, or its context cannot be retained.</exception>
    public PrimaryContext(DriverApi driver, int index)
    {
        (Driver, Index, Device) = (driver, index, driver.Device(index));
        _context = driver.RetainPrimaryContext(Device);
    }

    public DriverApi Driver { get; }

    /// <summary>The device index used by libtorch: 0 for <c>cuda:0</c>.</summary>
    public int Index { get; }

    /// <summary>The driver's handle of the device.</summary>
    public int Device { get; }

    /// <summary>Runs the work with this context current and restores the thread's previous context, even if the work throws.</summary>
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
