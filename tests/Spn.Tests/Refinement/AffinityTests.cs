using SkiaSharp;
using Spn.Models;
using TorchSharp;
using Xunit;

namespace Spn.Tests.Refinement;

/// <summary>How far a mask at one place travels.</summary>
public sealed class AffinityTests
{
    private const int Width = 96, Height = 64, Edge = 48;

    [Fact]
    public void Without_propagation_a_disc_reaches_itself()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        Mask affinity = refiner.Affinity(Photo(), 5, 0);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
                Assert.Equal(Math.Abs(x - 5) + y <= 1 ? 1 : 0, affinity[x, y]);
    }

    [Fact]
    public void Edges_stop_it_and_distance_weakens_it()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new EdgeGuidance()).Build();
        using SKBitmap photo = Photo();
        Mask affinity = refiner.Affinity(photo, Edge - 8, 32);
        Assert.Equal((Width, Height, 1f), (affinity.Width, affinity.Height, affinity.Pixels.ToArray().Max()));
        float left = affinity[Edge - 14, 32], farLeft = affinity[Edge - 20, 32], right = affinity[Edge + 1, 32];
        Assert.True(left > farLeft && farLeft > 0, $"{left} near, {farLeft} far");
        Assert.True(right < left / 100, $"{left} on this side, {right} behind the edge");
    }

    [Fact]
    public void A_model_has_one_too()
    {
        using var model = Seeded.Model(new SpnConfiguration { Channels = 4 });
        model.eval();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(model.ToModel()).Build();
        Mask affinity = refiner.Affinity(Photo(), 20, 30);
        Assert.Equal(1, affinity.Pixels.ToArray().Max());
        Assert.True(affinity[20, 30] > 0.5f && affinity[80, 60] < 0.01f);
    }

    [Fact]
    public void Guidance_that_ignores_the_mask_has_none()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance { Change = (_, masks) => torch.zeros_like(masks) }).Build();
        Assert.All(refiner.Affinity(Photo(), 20, 30).Pixels.ToArray(), value => Assert.Equal(0, value));
    }

    [Theory, InlineData(-1, 0, "x"), InlineData(Width, 0, "x"), InlineData(0, -1, "y"), InlineData(0, Height, "y")]
    public void A_place_outside_is_refused(int x, int y, string argument)
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        Assert.Throws<ArgumentOutOfRangeException>(argument, () => refiner.Affinity(Photo(), x, y));
        Assert.Throws<ArgumentNullException>("image", () => refiner.Affinity(null!, 0, 0));
    }

    [Fact]
    public async Task The_asynchronous_call_gives_the_same_and_stops()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new EdgeGuidance()).Build();
        using SKBitmap photo = Photo();
        Mask affinity = await refiner.AffinityAsync(photo, 30, 20, TestContext.Current.CancellationToken);
        Assert.Equal(refiner.Affinity(photo, 30, 20).Pixels, affinity.Pixels);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            "y", () => refiner.AffinityAsync(photo, 0, Height, TestContext.Current.CancellationToken));

        using CancellationTokenSource source = new();
        FakeGuidance cancelling = new()
        {
            Change = (_, masks) =>
            {
                source.Cancel();
                return torch.zeros_like(masks);
            },
        };
        using Refiner stopped = SpnRefiner.Configure().OnCpu().WithMethod(cancelling).Build();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped.AffinityAsync(photo, 30, 20, source.Token));
    }

    private static SKBitmap Photo() => Pictures.Bitmap(Width, Height, (x, _) => x < Edge ? new SKColor(150, 30, 20) : new SKColor(60, 120, 170));
}
