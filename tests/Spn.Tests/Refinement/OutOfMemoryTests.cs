using System.Runtime.InteropServices;
using Spn.Propagation;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>Guidance that has memory for so many masks at once and no more, and fails as libtorch does.</summary>
public sealed class OutOfMemoryTests
{
    private const string LibTorchsMessage = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.10 GiB of which 1.02 GiB is free.";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(13)]
    public void Masks_are_refined_in_pieces_that_fit(int fitting)
    {
        using var scope = NewDisposeScope();
        var pieces = new List<long>();
        FakeGuidance guidance = Limited(fitting, pieces);
        using Refiner refiner = With(guidance), unlimited = With(FakeGuidance.Blur());
        Tensor image = Seeded.Rand(1, [2, 3, 16, 20]), masks = Seeded.Rand(2, [2, 13, 16, 20]);

        Assert.Equal(unlimited.Refine(image, masks), refiner.Refine(image, masks));
        Assert.Equal(13, pieces.Sum());
        Assert.Equal(new long[] { 13, 7, 4, 2, 1 }.First(half => half <= fitting), pieces[0]);
        Assert.All(pieces, piece => Assert.InRange(piece, 1, fitting));
        Assert.True(guidance.Propagated - pieces.Count <= 4, "A piece's size is found by halves, once.");
        Assert.Equal(1, guidance.Guided);

        Tensor classes = refiner.RefineClasses(image, masks);
        Assert.Equal(unlimited.RefineClasses(image, masks), classes);
        Assert.True(classes.sum(1).allclose(ones(2, 16, 20), atol: 1e-5));
    }

    [Fact]
    public void A_failed_attempt_leaves_no_tensors_behind()
    {
        List<Tensor> made = [];
        FakeGuidance guidance = new()
        {
            Change = (_, masks) =>
            {
                // What the failed attempt made is gone before the next one begins.
                Assert.All(made, attempt => Assert.True(attempt.IsInvalid));
                if (masks.shape[1] > 1)
                {
                    made.Add(masks);
                    made.Add(masks.clone());
                    throw OutOfMemory();
                }
                return masks.clone();
            },
        };
        using var scope = NewDisposeScope();
        using Refiner refiner = With(guidance);
        refiner.Refine(Seeded.Rand(3, [3, 8, 8]), Seeded.Rand(4, [2, 8, 8]));
        Assert.Equal(2, made.Count);

        // Of the refiner's own tensors too: a leak of one an attempt would show forty times here. The count alone may differ by a few, as other
        // tests' tensors end on this thread.
        guidance.Change = (_, masks) => masks.shape[1] > 1 ? throw OutOfMemory() : masks.clone();
        Tensor image = Seeded.Rand(5, [3, 8, 8]), coarse = Seeded.Rand(6, [2, 8, 8]);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 40; i++)
        {
            refiner.Refine(image, coarse).Dispose();
        }
        Assert.InRange(DisposeScopeManager.Statistics.ThreadTotalLiveCount, long.MinValue, before + 20);
    }

    [Fact]
    public void A_single_mask_that_does_not_fit_is_a_clear_error_and_the_refiner_goes_on()
    {
        bool full = true;
        using Refiner refiner = With(new FakeGuidance { Change = (_, masks) => full ? throw OutOfMemory() : masks.clone() });
        using var scope = NewDisposeScope();
        Tensor image = Seeded.Rand(7, [3, 16, 20]), masks = Seeded.Rand(8, [5, 16, 20]);
        InsufficientMemoryException error = Assert.Throws<InsufficientMemoryException>(() => refiner.Refine(image, masks));
        Assert.Equal(
            "Propagation, even of a single mask, for an image of 20 x 16 pixels needs more memory than cpu has free. Use a smaller image. The refiner stays usable.",
            error.Message);
        Assert.Equal(LibTorchsMessage, Assert.IsType<LibTorchError>(error.InnerException).Message);
        full = false;
        Assert.Equal(masks, refiner.Refine(image, masks));
    }

    [Fact]
    public void An_image_that_does_not_fit_is_a_clear_error()
    {
        using Refiner refiner = With(new FakeGuidance { WhileGuiding = () => throw OutOfMemory() });
        using var scope = NewDisposeScope();
        string message = Assert.Throws<InsufficientMemoryException>(() => refiner.Refine(Seeded.Rand(9, [2, 3, 16, 20]), Seeded.Rand(10, [2, 1, 16, 20]))).Message;
        Assert.StartsWith("Guidance for 2 images of 20 x 16 pixels", message, StringComparison.Ordinal);
        Assert.Contains("fewer images per call", message, StringComparison.Ordinal);
        // What is not a pass has the same guard: bringing pixels there, fitting masks, limiting the change, the classes' sum.
        string onGpu = Assert.Throws<InsufficientMemoryException>(
            () => Spn.Refinement.DeviceMemory.Require("Bringing the pixels there", zeros(1, 3, 4, 5), META, () => throw OutOfMemory())).Message;
        Assert.StartsWith("Bringing the pixels there for an image of 5 x 4 pixels", onGpu, StringComparison.Ordinal);
        Assert.Contains("OnCpu()", onGpu, StringComparison.Ordinal);
    }

    [Fact]
    public void The_drivers_and_the_CPUs_shortage_count_too_and_nothing_else_does()
    {
        Assert.True(Spn.Refinement.DeviceMemory.IsShort(new CudaException("cuModuleLoadDataEx failed: CUDA_ERROR_OUT_OF_MEMORY, out of memory (2).", 2)));
        Exception real = Assert.ThrowsAny<Exception>(() => empty(1L << 30, 1L << 30));
        Assert.True(Spn.Refinement.DeviceMemory.IsShort(real), real.Message);
        Assert.False(Spn.Refinement.DeviceMemory.IsShort(new LibTorchError("CUDA error: an illegal memory access was encountered")));
        Assert.False(Spn.Refinement.DeviceMemory.IsShort(new InvalidOperationException("out of memory")));

        var other = new LibTorchError("CUDA error: an illegal memory access was encountered");
        using Refiner refiner = With(new FakeGuidance { Change = (_, _) => throw other });
        using var scope = NewDisposeScope();
        Assert.Same(other, Assert.Throws<LibTorchError>(() => refiner.Refine(Seeded.Rand(11, [3, 8, 8]), Seeded.Rand(12, [4, 8, 8]))));
    }

    private static LibTorchError OutOfMemory() => new(LibTorchsMessage);

    private static FakeGuidance Limited(int fitting, List<long> pieces)
    {
        FakeGuidance blur = FakeGuidance.Blur();
        return new FakeGuidance
        {
            Change = (grey, masks) =>
            {
                if (masks.shape[1] > fitting)
                    throw OutOfMemory();
                pieces.Add(masks.shape[1]);
                return blur.Change(grey, masks);
            },
        };
    }

    private static Refiner With(FakeGuidance guidance) => SpnRefiner.Configure().OnCpu().WithGuidance(guidance).Build();

    private sealed class LibTorchError(string message) : ExternalException(message);
}
