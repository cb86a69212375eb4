using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using Spn.Cli.Files;
using Spn.Cli.Output;

namespace Spn.Cli.Commands;

/// <summary><c>spn video</c>: the masks of raw frames, as ffmpeg writes and reads them through pipes.</summary>
internal sealed class VideoCommand
{
    private readonly Argument<string> _frames = new("frames")
    {
        Description = "The frames one after another, 3 bytes per pixel (rgb24): a file or pipe, or - for standard input.",
    };

    private readonly Argument<string> _masks = new("masks")
    {
        Description = "Their coarse masks one after another, 1 byte per pixel (gray): a file or pipe, or - for standard input.",
    };

    private readonly Option<FrameSize> _size = new("--size", "-s")
    {
        Description = "The size of a frame, for example 1280x720.",
        HelpName = "WxH",
        Required = true,
        CustomParser = FrameSize.Parse,
    };

    private readonly Option<FrameSize?> _maskSize = new("--mask-size")
    {
        Description = "The size of a coarse mask. Default: that of the frames.",
        HelpName = "WxH",
        CustomParser = FrameSize.Parse,
    };

    private readonly Option<bool> _hard = new("--hard") { Description = "Write masks of black and white only." };
    private readonly Option<bool> _limit = new("--limit") { Description = "Change nothing that is far from a coarse mask's boundary." };
    private readonly ModelOption _model = new();

    private VideoCommand()
    {
    }

    public static Command Create()
    {
        VideoCommand video = new();
        Command command = new(
            "video", "Refine the masks of a video's raw frames; the refined masks go to standard output, 1 byte per pixel.")
        {
            video._frames, video._masks, video._size, video._maskSize, video._hard, video._limit, video._model,
        };
        command.SetAction(video.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellation)
    {
        string frames = line.GetRequiredValue(_frames), masks = line.GetRequiredValue(_masks);
        if (frames == InputFile.Standard && masks == InputFile.Standard)
            throw new UsageException("Only one of frames and masks can be standard input (-).");
        if (!Console.IsOutputRedirected)
            throw new UsageException("Masks are not written to a terminal: redirect the output to a file, or to ffmpeg.");
        FrameSize size = line.GetRequiredValue(_size), maskSize = line.GetValue(_maskSize) ?? size;
        RefineSettings settings = new(
            _model.Read(line), line.GetValue(_hard), line.GetValue(_limit), FallsBack: false, AreLabels: false, new MaskOptions());

        using Refiner refiner = settings.Build();
        await using RawFrames pictures = RawFrames.Open(frames, size, bytesPerPixel: 3);
        await using RawFrames coarse = RawFrames.Open(masks, maskSize, bytesPerPixel: 1);
        await using Stream output = Console.OpenStandardOutput();
        long start = Stopwatch.GetTimestamp();
        int count = 0;
        VideoSession session = refiner.CreateVideoSession();
        while (await ReadBothAsync(pictures, coarse, count, cancellation).ConfigureAwait(false))
        {
            await output.WriteAsync(Refine(session, pictures, coarse, count, cancellation), cancellation).ConfigureAwait(false);
            count++;
        }
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Refined {count} frames, {count / seconds:F1} per second."));
        return ExitCode.Success;
    }

    private static async Task<bool> ReadBothAsync(RawFrames frames, RawFrames masks, int count, CancellationToken cancellation)
    {
        bool hasFrame = await frames.ReadAsync(cancellation).ConfigureAwait(false);
        bool hasMask = await masks.ReadAsync(cancellation).ConfigureAwait(false);
        if (hasFrame != hasMask)
        {
            throw new InvalidDataException(
                $"{(hasFrame ? masks : frames)} ended after {count} pictures; expected as many masks as frames. "
                + "The refined masks up to there were written.");
        }
        if (!hasFrame && count == 0)
            throw new InvalidDataException("There are no frames and no masks.");
        return hasFrame;
    }

    private static byte[] Refine(VideoSession session, RawFrames frames, RawFrames masks, int count, CancellationToken cancellation)
    {
        // Grey values are probabilities in every frame, also in those that are nearly empty.
        MaskInput mask = MaskInput.FromPixels(masks.Bytes, masks.Size.Width, masks.Size.Height)
            .With(new MaskOptions { Values = MaskValues.Probabilities });
        try
        {
            ImageInput frame = ImageInput.FromPixels(frames.Bytes, frames.Size.Width, frames.Size.Height, PixelFormat.Rgb24);
            return session.Refine(frame, mask, cancellation).ToBytes();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"Frame {count + 1}: {Failure.Describe(e, hasOptions: false)}", e);
        }
    }
}
