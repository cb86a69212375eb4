using Spn.Refinement;
using Xunit;

namespace Spn.Tests.Refinement;

public sealed class CallTelemetryTests
{
    [Fact]
    public void Without_listeners_nothing_is_allocated()
    {
        Stages stages = new();
        InvalidDataException failure = new();
        Call();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Call();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Call()
        {
            CallTelemetry good = CallTelemetry.Start("Refine", "Fast", RefinerDevice.Cpu),
                bad = CallTelemetry.Start("Refine", "Fast", RefinerDevice.Cpu);
            good.Begin();
            good.Succeed(stages);
            bad.Begin();
            bad.Fail(failure);
        }
    }
}
