using Spn.Propagation;
using Spn.Propagation.Cpu;
using Xunit;

namespace Spn.Tests.Propagation.Cpu;

/// <summary>Scratch follows what a scan stages, not the product of the image's longer side and the widest block.</summary>
public sealed class ScratchSizeTests
{
    [Theory]
    [InlineData(1, 3_000_000)]
    [InlineData(3_000_000, 1)]
    [InlineData(2, 1 << 30)]
    public void A_line_shaped_image_needs_a_few_lines(int height, int width)
    {
        var shape = new PropagationShape(1, 1, height, width, 1, ScanDirections.All, GateConnection.ThreeWay);
        nint pixels = (nint)height * width;
        Assert.InRange(BackwardLines<float>.Size(shape), 4 * pixels, 4 * (25 * pixels + 100_000));
        Assert.InRange(BackwardLines<double>.Size(shape), 8 * pixels, 8 * (25 * pixels + 100_000));
    }
}
