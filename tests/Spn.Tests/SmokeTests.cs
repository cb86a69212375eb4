namespace Spn.Tests;

public sealed class SmokeTests
{
    [Xunit.Fact]
    public void Enum_order_is_the_guidance_order() => Xunit.Assert.Equal(15, (int)Spn.Propagation.ScanDirections.All);
}
