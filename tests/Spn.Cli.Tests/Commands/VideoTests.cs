using Spn.Imaging;
using Xunit;

namespace Spn.Cli.Tests.Commands;

/// <summary>Raw frames in, raw masks out, as through ffmpeg's pipes.</summary>
public sealed class VideoTests : IDisposable
{
    private const int Width = 96, Height = 64, Frames = 4;

    private readonly TemporaryFolder _folder = new();

    public VideoTests()
    {
        _folder.File("frames.rgb", [.. Enumerable.Range(0, Frames).SelectMany(Frame)]);
        _folder.File("masks.gray", [.. Enumerable.Range(0, Frames).SelectMany(frame => Mask(frame, Width, Height))]);
    }

    public void Dispose() => _folder.Dispose();

    private static bool IsInside(double x, double y, int frame) => (x - 40 - 3 * frame) * (x - 40 - 3 * frame) + (y - 33) * (y - 33) < 22 * 22;

    private static byte[] Frame(int frame)
        => [.. Enumerable.Range(0, Width * Height).SelectMany(i => IsInside(i % Width, i / Width, frame)
            ? new byte[] { 200, (byte)(110 + i % 17), 40 }
            : [60, (byte)(80 + i % 13), 130])];

    private static byte[] Mask(int frame, int width, int height)
        => [.. Enumerable.Range(0, width * height).Select(i => IsInside(
            (i % width / 4 * 4 + 2) * (double)Width / width, (i / width / 4 * 4 + 2) * (double)Height / height, frame) ? (byte)255 : (byte)0)];

    /// <summary>What the library makes of the same frames.</summary>
    private static byte[] Expected(Func<int, MaskInput> mask, bool isHard = false)
    {
        RefinerBuilder builder = SpnRefiner.Configure().OnCpu();
        using Refiner refiner = (isHard ? builder.WithHardOutput() : builder).Build();
        VideoSession session = refiner.CreateVideoSession();
        return [.. Enumerable.Range(0, Frames).SelectMany(frame => session.Refine(
            ImageInput.FromPixels(Frame(frame), Width, Height, PixelFormat.Rgb24), mask(frame), TestContext.Current.CancellationToken).ToBytes())];
    }

    [Fact]
    public async Task Masks_are_those_of_a_session()
    {
        SpnProcess.Result run = await SpnProcess.Run(_folder, "video", "frames.rgb", "masks.gray", "--size", "96x64");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(Expected(frame => MaskInput.FromPixels(Mask(frame, Width, Height), Width, Height)), run.Output);
        Assert.StartsWith("Refined 4 frames, ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_come_from_standard_input_and_masks_may_be_smaller()
    {
        _folder.File("small.gray", [.. Enumerable.Range(0, Frames).SelectMany(frame => Mask(frame, 48, 32))]);
        SpnProcess.Result run = await SpnProcess.Run(
            _folder, File.ReadAllBytes(_folder.File("frames.rgb")), "video", "-", "small.gray", "-s", "96x64", "--mask-size", "48x32", "--hard");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(Expected(frame => MaskInput.FromPixels(Mask(frame, 48, 32), 48, 32), isHard: true), run.Output);
    }

    [Fact]
    public async Task A_nearly_empty_mask_is_no_label_map()
    {
        byte[] faint = new byte[Width * Height];
        faint[700] = 9;
        _folder.File("masks.gray", [.. Enumerable.Repeat(faint, Frames).SelectMany(mask => mask)]);
        SpnProcess.Result run = await SpnProcess.Run(_folder, "video", "frames.rgb", "masks.gray", "--size", "96x64");
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(Frames * faint.Length, run.Output.Length);
    }

    [Fact]
    public async Task Streams_of_different_lengths_are_refused_after_what_they_share()
    {
        _folder.File("masks.gray", [.. Enumerable.Range(0, 3).SelectMany(frame => Mask(frame, Width, Height))]);
        SpnProcess.Result run = await SpnProcess.Run(_folder, "video", "frames.rgb", "masks.gray", "--size", "96x64");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal(3 * Width * Height, run.Output.Length);
        Assert.Contains("'masks.gray' ended after 3 pictures", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "Is the size right?", "frames.rgb", "masks.gray", "--size", "97x64")]
    [InlineData(1, "There is no file 'none'", "none", "masks.gray", "--size", "96x64")]
    [InlineData(2, "Expected a size such as 1280x720", "frames.rgb", "masks.gray", "--size", "96")]
    [InlineData(2, "Option '--size' is required", "frames.rgb", "masks.gray")]
    [InlineData(2, "Only one of frames and masks", "-", "-", "--size", "96x64")]
    [InlineData(1, "Frame 1: ", "frames.rgb", "masks.gray", "--size", "96x64", "--mask-size", "64x96")]
    public async Task Bad_input_gives_the_reason(int exitCode, string reason, params string[] arguments)
    {
        SpnProcess.Result run = await SpnProcess.Run(_folder, ["video", .. arguments]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
    }
}
