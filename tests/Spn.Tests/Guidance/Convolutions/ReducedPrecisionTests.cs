using SkiaSharp;
using Spn.Guidance;
using Spn.Guidance.Convolutions;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Guidance.Convolutions;

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
        using var model = Seeded.Model(SpnConfiguration.Refiner);
        model.eval();
        Tensor image = Seeded.Rand(1, [1, 3, 40, 72]), mask = Seeded.Rand(2, [1, 1, 40, 72]);
        Tensor exact = Refined(model, image, mask, ScalarType.Float32);
        Tensor reduced = Refined(model, image, mask, ScalarType.BFloat16);
        Assert.Equal(float32, reduced.dtype);
        Assert.NotEqual(exact.bytes.ToArray(), reduced.bytes.ToArray());
        Assert.Equal(exact.bytes.ToArray(), Refined(model, image, mask, ScalarType.Float32).bytes.ToArray());
    }

    /// <summary>Training, training's statistics without gradients, and fine-tuning with frozen statistics.</summary>
    [Theory, InlineData(true, true), InlineData(true, false), InlineData(false, true)]
    public void Training_stays_in_float32(bool training, bool gradients)
    {
        using var model = Seeded.Model(SpnConfiguration.Refiner);
        model.train(training);
        Tensor image = Seeded.Rand(3, [2, 3, 32, 32]);
        Tensor guided = With(ScalarType.BFloat16);
        Assert.Equal(With(ScalarType.Float32).bytes.ToArray(), guided.bytes.ToArray());
        Assert.Equal(gradients, guided.requires_grad);
        if (gradients)
        {
            guided.sum().backward();
            Assert.True(model.get_parameter("guidance.encoder.0.0.conv.weight")!.grad!.abs().sum().item<float>() > 0);
        }

        Tensor With(ScalarType precision)
        {
            ((GuidanceNetwork)model.Network).Precision = precision;
            using (set_grad_enabled(gradients))
                return model.Network.forward(image);
        }
    }

    [Fact]
    public void A_block_may_train_within_a_network_that_does_not()
    {
        using var model = Seeded.Model(SpnConfiguration.Refiner);
        model.eval();
        model.named_modules().Single(named => named.name == "guidance.decoder.3").module.train();
        Tensor image = Seeded.Rand(4, [1, 3, 64, 64]), mask = Seeded.Rand(5, [1, 1, 64, 64]);
        Assert.InRange(Refined(model, image, mask, ScalarType.BFloat16).sub(Refined(model, image, mask, ScalarType.Float32)).abs().max().item<float>(), 0, 0.05f);
    }

    /// <summary>What computes in place reads memory as float32.</summary>
    [Theory, InlineData(ScalarType.Float64), InlineData(ScalarType.Float16), InlineData(ScalarType.BFloat16)]
    public void A_model_of_another_type_is_refused(ScalarType type)
    {
        using var model = Seeded.Model(SpnConfiguration.Refiner);
        model.eval();
        model.to(type);
        foreach (ScalarType precision in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            ((GuidanceNetwork)model.Network).Precision = precision;
            Assert.ThrowsAny<Exception>(() => model.Guide(Seeded.Rand(6, [1, 3, 32, 32])));
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
