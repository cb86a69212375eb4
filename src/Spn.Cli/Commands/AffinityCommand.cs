using System.CommandLine;
using SkiaSharp;
using Spn.Cli.Files;
using Spn.Cli.Output;
using Spn.Cli.Pictures;

namespace Spn.Cli.Commands;

/// <summary><c>spn affinity</c>: what a model connects with one pixel.</summary>
internal static class AffinityCommand
{
    public static Command Create()
    {
        Argument<string> photo = new("photo") { Description = "The photo, or - for standard input." };
        Argument<int> x = new("x") { Description = "The pixel's column, 0 at the left.", CustomParser = Check.WholeNumber("x") };
        Argument<int> y = new("y") { Description = "The pixel's row, 0 at the top.", CustomParser = Check.WholeNumber("y") };
        Option<string?> output = new("--output", "-o")
        {
            Description = "The picture, a .png file. Default: PHOTO-affinity.png.",
            HelpName = "FILE",
        };
        ModelOption model = new();
        Command command = new("affinity", "Show how far a mask at one pixel would spread, for example: spn affinity photo.jpg 450 172")
        {
            photo, x, y, output, model,
        };
        command.SetAction((line, cancellation) => RunAsync(
            line.GetRequiredValue(photo), line.GetValue(x), line.GetValue(y), line.GetValue(output), model.Read(line), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string name, int x, int y, string? outputName, SpnModel model, CancellationToken cancellation)
    {
        if (outputName is null && name == InputFile.Standard)
            throw new UsageException("The photo is standard input, so the picture needs a name: add -o FILE.");
        string output = outputName
            ?? Path.Combine(Path.GetDirectoryName(name) ?? "", $"{Path.GetFileNameWithoutExtension(name)}-affinity.png");
        OutputFile.RequireDistinct([output], [name]);
        if (!output.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"-o: expected a name that ends in .png, got '{output}'.");

        InputFile photo = await InputFile.ReadAsync(name, isMask: false, cancellation).ConfigureAwait(false);
        using Refiner refiner = SpnRefiner.Configure().WithModel(model).WithPixelLimit(RefineSettings.PixelLimit).Build();
        byte[] picture;
        try
        {
            picture = Draw(refiner, photo, x, y);
        }
        catch (Exception e) when (Failure.IsExpected(e) && e is not UsageException)
        {
            throw new IOException(Failure.Describe(e, photo), e);
        }
        await OutputFile.WriteAsync(output, picture, cancellation).ConfigureAwait(false);
        Console.WriteLine($"Wrote {output}.");
        return ExitCode.Success;
    }

    private static byte[] Draw(Refiner refiner, InputFile photo, int x, int y)
    {
        using SKBitmap upright = UprightPhoto.Decode(photo.Bytes.Span);
        if (x < 0 || x >= upright.Width || y < 0 || y >= upright.Height)
        {
            throw new UsageException(
                $"Pixel ({x}, {y}) is outside the photo; expected x from 0 to {upright.Width - 1} and y from 0 to {upright.Height - 1}.");
        }
        using SKBitmap panel = AffinityPicture.Draw(upright, refiner.Affinity(photo.Bytes, x, y), x, y);
        using SKData png = panel.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
