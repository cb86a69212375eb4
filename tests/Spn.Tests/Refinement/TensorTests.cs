using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Spn.Tests.Refinement;

/// <summary>Tensors in, tensors out.</summary>
public sealed class TensorTests
{
    public static TheoryData<long[], long[], long[]> Shapes => new()
    {
        { [3, 8, 12], [8, 12], [8, 12] },
        { [3, 8, 12], [4, 6], [8, 12] },
        { [3, 8, 12], [5, 8, 12], [5, 8, 12] },
        { [3, 8, 12], [1, 5, 2, 3], [1, 5, 8, 12] },
        { [2, 3, 8, 12], [2, 1, 8, 12], [2, 1, 8, 12] },
        { [2, 3, 8, 12], [2, 5, 4, 6], [2, 5, 8, 12] },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void The_result_has_the_masks_rank_and_the_images_size(long[] image, long[] masks, long[] expected)
    {
        using DisposeScope scope = NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        Tensor coarse = Seeded.Rand(1, masks);

        Tensor refined = refiner.Refine(Seeded.Rand(2, image), coarse);

        Assert.Equal(expected, refined.shape);
        Assert.Equal(coarse.device_type, refined.device_type);
        if (masks.SequenceEqual(expected))
            Assert.True(refined.allclose(coarse, 0, 0));
    }

    [Fact]
    public void Types_are_kept_where_they_can_be_and_nothing_is_modified()
    {
        using DisposeScope scope = NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(FakeGuidance.Blur()).Build();
        Tensor image = Seeded.Rand(3, [3, 8, 12]), soft = Seeded.Rand(4, [8, 12]), imageCopy = image.clone(), softCopy = soft.clone();

        Assert.Equal(float32, refiner.Refine(image, soft).dtype);
        Assert.Equal(float64, refiner.Refine(image, soft.to(float64)).dtype);
        Assert.Equal(float16, refiner.Refine(image, soft.to(float16)).dtype);
        Assert.Equal(float32, refiner.Refine(image, ones(8, 12, dtype: uint8)).dtype);
        Assert.Equal(float32, refiner.Refine(image, ones(8, 12, dtype: @bool)).dtype);
        Assert.True(image.allclose(imageCopy, 0, 0) && soft.allclose(softCopy, 0, 0));
    }

    [Fact]
    public void The_result_belongs_to_the_callers_scope_and_nothing_else_is_left()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(FakeGuidance.Blur()).Build();
        using DisposeScope scope = NewDisposeScope();
        Tensor image = Seeded.Rand(5, [3, 8, 12]), mask = Seeded.Rand(6, [8, 12]);
        int before = scope.DisposablesCount;
        Tensor refined = refiner.Refine(image, mask);
        Assert.Equal(before + 1, scope.DisposablesCount);
        Assert.False(refined.requires_grad);
        Assert.False(image.IsInvalid);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithMethod(new FakeGuidance()).Build();
        Tensor image = Seeded.Rand(7, [3, 8, 12]), mask = Seeded.Rand(8, [8, 12]);

        Refused("image", "[8, 12, 3]", () => refiner.Refine(Seeded.Rand(9, [8, 12, 3]), mask));
        Refused("image", "Int64", () => refiner.Refine(ones(3, 8, 12, dtype: int64), mask));
        Refused("image", "0..1", () => refiner.Refine(image * 255f, mask));
        Refused("image", "without pixels", () => refiner.Refine(Seeded.Rand(10, [3, 0, 12]), mask));
        Refused("coarseMasks", "NaN", () => refiner.Refine(image, mask * float.NaN));
        Refused("coarseMasks", "[12]", () => refiner.Refine(image, Seeded.Rand(11, [12])));
        Refused("coarseMasks", "got 2", () => refiner.Refine(image, Seeded.Rand(12, [2, 1, 8, 12])));
        Refused("coarseMask", "one", () => refiner.Refine(ImageOf(image), (MaskInput)Seeded.Rand(13, [2, 8, 12])));
        Refused("image", "one", () => refiner.Refine(ImageOf(Seeded.Rand(14, [2, 3, 8, 12])), (MaskInput)mask));
        Assert.Throws<ArgumentNullException>("image", () => refiner.Refine(null!, mask));
        Assert.Throws<ArgumentNullException>("coarseMasks", () => refiner.Refine(image, (Tensor)null!));
        Assert.Throws<ArgumentNullException>("coarseClasses", () => refiner.RefineClasses(image, (Tensor)null!));
        Assert.True(refiner.Refine(image, mask).allclose(mask, 0, 0));

        static ImageInput ImageOf(Tensor tensor) => tensor;
        static void Refused(string argument, string what, Action call)
            => Assert.Contains(what, Assert.Throws<ArgumentException>(argument, call).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tensors_stay_on_their_gpu()
    {
        Assert.SkipUnless(cuda.is_available(), "no CUDA device");
        using DisposeScope scope = NewDisposeScope();
        using Refiner refiner = SpnRefiner.Configure().OnBestDevice().WithMethod(new FakeGuidance()).Build();
        Tensor mask = Seeded.Rand(15, [8, 12]).to(CUDA);
        Tensor refined = refiner.Refine(Seeded.Rand(16, [3, 8, 12]), mask);
        Assert.Equal(DeviceType.CUDA, refined.device_type);
        Assert.True(refined.allclose(mask, 0, 0));
    }
}
