using SkiaSharp;
using Spn.Guidance;
using Spn.Guidance.Convolutions;
using Spn.Tests.Packaging;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance;

/// <summary>bfloat16 in the guidance network: forced here, on any processor, it gives what float32 gives but for grey levels that nobody sees.</summary>
public sealed class ReducedPrecisionTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(true, null, ScalarType.BFloat16)]
    [InlineData(true, true, ScalarType.BFloat16)]
    [InlineData(true, false, ScalarType.Float32)]
    [InlineData(false, null, ScalarType.Float32)]
    [InlineData(false, true, ScalarType.Float32)]
    public void The_processor_chooses_and_the_app_may_refuse(bool fast, bool? wanted, ScalarType expected)
        => Assert.Equal(expected, ReducedPrecision.Choose(fast, wanted));

    [Fact]
    public void A_photo_is_refined_as_in_float32()
    {
        using SpnModel model = SpnModel.Fast.Load();
        (Tensor image, Tensor coarse) = Flamingo();

        Tensor exact = Refined(model, image, coarse, ScalarType.Float32), reduced = Refined(model, image, coarse, ScalarType.BFloat16);

        Tensor greyLevels = reduced.sub(exact).abs().mul(255);
        Assert.InRange(greyLevels.mean().item<float>(), 1e-4f, 0.05f); // not the same: it is bfloat16
        Assert.InRange(greyLevels.max().item<float>(), 0, 12);
        Assert.InRange(exact.gt(0.5).ne(reduced.gt(0.5)).sum().item<long>(), 0, exact.numel() / 5000);
        Assert.True(exact.sub(coarse).abs().mean().item<float>() > 0.005f); // beside what refining does
    }

    [Fact]
    public void Going_back_to_float32_is_going_back()
    {
        using var model = new SpnModel(SpnConfiguration.Refiner);
        model.eval();
        Tensor image = rand(1, 3, 40, 72), mask = rand(1, 1, 40, 72), exact = Refined(model, image, mask, ScalarType.Float32);
        Tensor reduced = Refined(model, image, mask, ScalarType.BFloat16);
        Assert.Equal(float32, reduced.dtype);
        Assert.NotEqual(exact.bytes.ToArray(), reduced.bytes.ToArray());
        Assert.Equal(exact.bytes.ToArray(), Refined(model, image, mask, ScalarType.Float32).bytes.ToArray());
    }

    [Fact]
    public void Training_stays_in_float32()
    {
        using var model = new SpnModel(SpnConfiguration.Refiner);
        Tensor image = rand(2, 3, 32, 32);
        manual_seed(3);
        Tensor guided = With(ScalarType.BFloat16);
        Assert.Equal(With(ScalarType.Float32).bytes.ToArray(), guided.bytes.ToArray());
        Assert.True(guided.requires_grad);

        Tensor With(ScalarType precision)
        {
            ((GuidanceNetwork)model.Network).Precision = precision;
            return model.Network.forward(image);
        }
    }

    private static Tensor Refined(SpnModel model, Tensor image, Tensor mask, ScalarType precision)
    {
        ((GuidanceNetwork)model.Network).Precision = precision;
        return model.Propagate(model.Guide(image), mask);
    }

    private static (Tensor Image, Tensor Coarse) Flamingo()
    {
        string folder = Path.Combine(Repository.Root(), "samples", "Quickstart", "Photo");
        using SKBitmap photo = SKBitmap.Decode(Path.Combine(folder, "flamingo.jpg")), coarse = SKBitmap.Decode(Path.Combine(folder, "flamingo-coarse.png"));
        using SKBitmap mask = coarse.Resize(photo.Info, new SKSamplingOptions(SKFilterMode.Linear));
        return (Map(photo, pixel => pixel.Red, pixel => pixel.Green, pixel => pixel.Blue), Map(mask, pixel => pixel.Red));

        static Tensor Map(SKBitmap bitmap, params Func<SKColor, byte>[] channels)
        {
            SKColor[] pixels = bitmap.Pixels;
            float[] values = [.. channels.SelectMany(channel => pixels.Select(pixel => channel(pixel) / 255f))];
            return tensor(values).view(1, channels.Length, bitmap.Height, bitmap.Width);
        }
    }
}
