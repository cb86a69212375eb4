using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>A warm call allocates its result on the managed heap, and hardly anything else.</summary>
[Collection(nameof(Alone))]
public sealed class AllocationTests(ITestOutputHelper output)
{
    private const int Width = 320, Height = 240, Plane = Width * Height;

    [Theory]
    [InlineData("Fast", 1)]
    [InlineData("Fast", 6)]
    [InlineData("Quality", 1)]
    [InlineData("edges", 2)]
    public void A_warm_call_allocates_its_result(string method, int masks)
    {
        RefinerBuilder builder = SpnRefiner.Configure().OnCpu();
        using Refiner refiner = (method switch
        {
            "Fast" => builder,
            "Quality" => builder.WithModel(SpnModel.Quality),
            _ => builder.WithMethod(new EdgeGuidance()),
        }).Build();
        byte[] rgb = [.. Enumerable.Range(0, 3 * Plane).Select(i => (byte)(i * 31 % 251))];
        float[] mask = [.. Enumerable.Range(0, Plane).Select(i => i % Width < 100 ? 1f : 0f)];
        MaskInput[] coarse = [.. Enumerable.Repeat(MaskInput.FromPixels(mask.AsMemory(), Width, Height), masks)];
        Refine();
        Refine();
        long least = Enumerable.Range(0, 3).Min(_ =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            Refine();
            return GC.GetTotalAllocatedBytes(precise: true) - before;
        });
        output.WriteLine($"{least - 4L * masks * Plane:N0} bytes besides the result");
        Assert.InRange(least, 4L * masks * Plane, 4L * masks * Plane + 64_000);

        void Refine() => refiner.Refine(ImageInput.FromPixels(rgb.AsMemory(), Width, Height, PixelFormat.Rgb24), coarse);
    }
}
