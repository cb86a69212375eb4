using Spn.Propagation;
using Spn.Propagation.Cuda;
using Xunit;

namespace Spn.Testing;

/// <summary>
/// What the CUDA kernels must pass on a device's own memory, without libtorch: forward and backward against the naive reference, by every scheme and type. The
/// plans are also those of lesser devices, so that one GPU runs what any other would.
/// </summary>
public abstract class DeviceSuite
{
    // Shared memory of a block that takes the smallest plane of the tests in float64.
    private const int HoldsPlanes = 160 << 10;

    // A device with few multiprocessors, which needs no more segments than it is given; and one without clusters or much shared memory.
    private static readonly Func<CudaLimits, CudaLimits>[] s_devices =
    [
        limits => limits,
        limits => limits with { Multiprocessors = 1 },
        limits => limits with { MaxCluster = 1, SharedBytesPerBlock = 54 << 10 },
    ];

    public static TheoryData<GateNormalization, int> Options => [.. from n in Enum.GetValues<GateNormalization>() from scalar in Enumerable.Range(0, 4) select (n, scalar)];

    public static TheoryData<int> Scalars => [0, 1, 2, 3];

    /// <summary>Opens the device, or skips the test with the reason if there is none.</summary>
    private protected abstract DeviceMemory Open();

    /// <summary>Does a test's work where the device can be used.</summary>
    protected virtual void Run(Action test) => test();

    /// <summary>Whether this device takes the n-th case of a long list: a slow one takes a part.</summary>
    protected virtual bool Takes(int number) => true;

    /// <summary>The longest side of a map that a test should ask this device for.</summary>
    protected virtual int LongestSide => int.MaxValue;

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_matches_the_reference(GateNormalization normalization, int scalar) => Run(() =>
    {
        int number = 0;
        foreach (GateConnection connection in Enum.GetValues<GateConnection>())
        foreach (DirectionMerge merge in Enum.GetValues<DirectionMerge>())
        foreach (int groups in new[] { 1, 4 })
        foreach (bool xGate in new[] { false, true })
        foreach (ScanDirections directions in new[] { ScanDirections.LeftToRight, ScanDirections.RightToLeft, ScanDirections.TopToBottom, ScanDirections.BottomToTop, ScanDirections.All })
        {
            if (!Takes(number++) || (normalization == GateNormalization.NormalizedSigmoid && !xGate))
                continue;
            var options = new PropagationOptions { Directions = directions, Connection = connection, Normalization = normalization, Merge = merge };
            Check(new PropagationCase(2, 4, 5, 7, groups, options, xGate, seed: (int)directions), (CudaScalar)scalar, limits => limits);
        }
    });

    [Theory]
    [MemberData(nameof(Scalars))]
    public void Every_scheme_matches_the_reference(int scalar) => Run(() =>
    {
        var schemes = new HashSet<ForwardScheme>();
        foreach (Func<CudaLimits, CudaLimits> device in s_devices)
        foreach ((int height, int width) in new[] { (40, 50), (37, 130), (140, 9) })
        foreach (int groups in new[] { 1, 3 })
        foreach (ScanDirections directions in new[] { ScanDirections.LeftToRight, ScanDirections.All })
            schemes.UnionWith(Check(new PropagationCase(1, 3, height, width, groups, new PropagationOptions { Directions = directions }), (CudaScalar)scalar, device));

        using DeviceMemory memory = Open();
        bool holdsPlanes = memory.Device.Limits.SharedBytesPerBlock >= HoldsPlanes;
        Assert.All(Enum.GetValues<ForwardScheme>().Where(scheme => holdsPlanes || scheme != ForwardScheme.Plane), scheme => Assert.Contains(scheme, schemes));
    });

    /// <summary>Lines longer than a warp, a block, and a cluster's segment; of odd lengths.</summary>
    [Theory]
    [InlineData(1023, 33)]
    [InlineData(31, 777)]
    [InlineData(2051, 17)]
    public void Long_lines_match_the_reference(int height, int width) => Run(() =>
    {
        (height, width) = (Math.Min(height, LongestSide), Math.Min(width, LongestSide));
        foreach (Func<CudaLimits, CudaLimits> device in s_devices)
        foreach (CudaScalar scalar in new[] { CudaScalar.Float32, CudaScalar.BFloat16 })
            Check(new PropagationCase(1, 2, height, width, 1, new PropagationOptions()), scalar, device);
    });

    /// <summary>A race would rarely show in a single run.</summary>
    [Theory]
    [MemberData(nameof(Scalars))]
    public void Runs_are_equal_to_the_bit(int scalar) => Run(() =>
    {
        int side = Math.Min(260, LongestSide / 8);
        foreach (Func<CudaLimits, CudaLimits> device in s_devices)
        {
            using DeviceMemory memory = Open();
            PropagationCase inputs = new PropagationCase(1, 4, side, side + 3, 1, new PropagationOptions()).RoundedBy(values => DeviceNumbers.Rounded(values, (CudaScalar)scalar));
            var round = new DeviceRound(memory, inputs, (CudaScalar)scalar) { Limits = device(memory.Device.Limits) };
            byte[] first = round.Forward();
            (byte[] Output, byte[] GradX, byte[] GradGuidance, byte[] GradXGate) second = round.ForwardAndBackward(inputs.GradOutput);
            Assert.Equal(first, second.Output);
            for (int i = 0; i < 3; i++)
            {
                Assert.Equal(first, round.Forward());
                (byte[] Output, byte[] GradX, byte[] GradGuidance, byte[] GradXGate) again = round.ForwardAndBackward(inputs.GradOutput);
                Assert.Equal(second.Output, again.Output);
                Assert.Equal(second.GradX, again.GradX);
                Assert.Equal(second.GradGuidance, again.GradGuidance);
            }
        }
    });

    /// <returns>The schemes of the forward rounds.</returns>
    private HashSet<ForwardScheme> Check(PropagationCase inputs, CudaScalar scalar, Func<CudaLimits, CudaLimits> device)
    {
        inputs = inputs.RoundedBy(values => DeviceNumbers.Rounded(values, scalar));
        double tolerance = DeviceNumbers.Tolerance(scalar);
        NaivePropagation reference = inputs.Reference;
        double[] gradOutput = [.. inputs.GradOutput];
        if (inputs.Options.Merge == DirectionMerge.Max)
        {
            // Where two directions are equal up to rounding, the maximum has no gradient to compare.
            double[] gap = reference.Gap(inputs.X);
            for (int i = 0; i < gap.Length; i++)
                gradOutput[i] = gap[i] < 2 * tolerance ? 0 : gradOutput[i];
        }

        using DeviceMemory memory = Open();
        var round = new DeviceRound(memory, inputs, scalar) { Limits = device(memory.Device.Limits) };
        string about = $"{scalar} {inputs}, {round.Plan(keepsHidden: false)}, {round.BackwardPlan}";
        double[] expected = reference.Forward(inputs.X);
        AssertClose(expected, round.Forward(), scalar, "forward", about);
        (byte[] output, byte[] gradX, byte[] gradGuidance, byte[] gradXGate) = round.ForwardAndBackward(gradOutput);
        AssertClose(expected, output, scalar, "training forward", about);
        AssertClose(reference.Backward(inputs.X, gradOutput), gradX, scalar, "∂x", about);
        AssertClose(reference.GradGuidance, gradGuidance, scalar, "∂guidance", about);
        if (inputs.XGate is not null)
            AssertClose(reference.GradXGate, gradXGate, scalar, "∂λ", about);
        memory.CheckGuards(about);
        return [round.Plan(keepsHidden: false).Scheme, round.Plan(keepsHidden: true).Scheme];
    }

    private static void AssertClose(double[] expected, byte[] actual, CudaScalar scalar, string what, string about)
    {
        double[] values = DeviceNumbers.FromBytes(actual, scalar);
        double scale = Math.Max(1, expected.Max(Math.Abs)), tolerance = DeviceNumbers.Tolerance(scalar);
        Assert.Equal(expected.Length, values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            if (!(Math.Abs(values[i] - expected[i]) <= tolerance * scale))
                Assert.Fail($"{what} at {i}: {values[i]:R}, expected {expected[i]:R} (scale {scale:G3}); {about}");
        }
    }
}
