using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Spn.Propagation;
using Spn.Torch;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>Too little memory gives a clear error, and the refiner stays usable.</summary>
public sealed class OutOfMemoryTests
{
    [Fact]
    public void Too_little_memory_is_a_clear_error_and_the_refiner_stays_usable()
    {
        bool full = true;
        using Refiner refiner = With(new FakeGuidance { Change = (_, masks) => full ? throw NoMemory() : masks.clone() });
        using var scope = NewDisposeScope();
        Tensor image = Seeded.Rand(7, [3, 16, 20]), masks = Seeded.Rand(8, [5, 16, 20]);
        InsufficientMemoryException error = Assert.Throws<InsufficientMemoryException>(() => refiner.Refine(image, masks));
        Assert.Contains("Use a smaller image", error.Message, StringComparison.Ordinal);
        Assert.Equal("no more", error.InnerException!.Message);
        full = false;
        Assert.Equal(masks, refiner.Refine(image, masks));
    }

    [Fact]
    public void A_method_may_explain_it_itself()
    {
        InsufficientMemoryException own = new("Half of it would do.");
        using Refiner refiner = With(new FakeGuidance { WhileGuiding = () => throw own });
        using var scope = NewDisposeScope();
        Assert.Same(own, Assert.Throws<InsufficientMemoryException>(() => refiner.Refine(Seeded.Rand(9, [3, 16, 20]), Seeded.Rand(10, [1, 16, 20]))));
    }

    [Fact]
    public void Other_errors_pass_through()
    {
        var other = new LibTorchError("CUDA error: an illegal memory access was encountered");
        using Refiner refiner = With(new FakeGuidance { Change = (_, _) => throw other });
        using var scope = NewDisposeScope();
        Assert.Same(other, Assert.Throws<LibTorchError>(() => refiner.Refine(Seeded.Rand(11, [3, 8, 8]), Seeded.Rand(12, [4, 8, 8]))));
    }

    [Fact]
    public void A_devices_shortage_is_recognized_and_explained()
    {
        Assert.True(MemoryShortage.IsCauseOf(new CudaException("cuModuleLoadDataEx failed: CUDA_ERROR_OUT_OF_MEMORY, out of memory (2).", 2)));
        Exception real = Assert.ThrowsAny<Exception>(() => empty(1L << 30, 1L << 30));
        Assert.True(MemoryShortage.IsCauseOf(real), real.Message);
        Assert.False(MemoryShortage.IsCauseOf(new LibTorchError("CUDA error: an illegal memory access was encountered")));
        Assert.False(MemoryShortage.IsCauseOf(new InvalidOperationException("out of memory")));
        string message = MemoryShortage.Exception("Guidance", 20, 16, META, real).Message;
        Assert.StartsWith("Guidance for an image of 20 x 16 pixels", message, StringComparison.Ordinal);
        Assert.Contains("OnCpu()", message, StringComparison.Ordinal);
    }

    [SuppressMessage("Usage", "CA2201", Justification = "It is what the runtime throws.")]
    private static OutOfMemoryException NoMemory() => new("no more");

    private static Refiner With(FakeGuidance guidance) => SpnRefiner.Configure().OnCpu().WithMethod(guidance).Build();

    private sealed class LibTorchError(string message) : ExternalException(message);
}
