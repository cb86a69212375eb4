using System.CommandLine;
using System.Globalization;
using Spn.Cli.Files;
using Spn.Cli.Output;
using Spn.Cli.Pictures;

namespace Spn.Cli.Commands;

/// <summary><c>spn refine</c>: one mask.</summary>
internal static class RefineCommand
{
    public static Command Create()
    {
        Argument<string> photo = new("photo") { Description = "The photo, or - for standard input." };
        Argument<string> mask = new("mask") { Description = "The coarse mask, or - for standard input." };
        Option<string?> output = new("--output", "-o")
        {
            Description = "The refined mask: a .png, .webp or .jpg file, or - for standard output. Default: PHOTO-refined.png.",
            HelpName = "FILE",
        };
        Option<string?> compare = new("--compare")
        {
            Description = "Also draw the coarse mask, the refined mask and their difference side by side into a .png file.",
            HelpName = "FILE",
        };
        Option<bool> json = new("--json") { Description = "Print a report in JSON: sizes, times, and how much changed." };
        RefineOptions options = new();
        Command command = new("refine", "Refine one mask, for example: spn refine photo.jpg mask.png -o refined.png")
        {
            photo, mask, output, compare, json,
        };
        options.AddTo(command);
        command.SetAction((line, cancellation) => RunAsync(
            line.GetRequiredValue(photo), line.GetRequiredValue(mask), line.GetValue(output), line.GetValue(compare), line.GetValue(json),
            options.Read(line), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string photoName, string maskName, string? outputName, string? compareName, bool isJson, RefineSettings settings,
        CancellationToken cancellation)
    {
        string outputPath = outputName ?? DefaultOutput(photoName);
        MaskFormat format = FormatOf(outputPath, settings.AreLabels);
        Check(photoName, maskName, outputPath, compareName, isJson);

        InputFile photo = await InputFile.ReadAsync(photoName, isMask: false, cancellation).ConfigureAwait(false);
        InputFile mask = await InputFile.ReadAsync(maskName, isMask: true, cancellation).ConfigureAwait(false);
        using Refiner refiner = settings.Build();
        RefinedFile refined;
        try
        {
            refined = await RefineProgressBar.ShowAsync(
                progress => RefinedFile.RefineAsync(refiner, settings, photo, mask, progress, cancellation)).ConfigureAwait(false);
        }
        catch (Exception e) when (Failure.IsExpected(e))
        {
            throw new IOException(Failure.Describe(e, photo, mask), e);
        }
        await WriteAsync(outputPath, refined.Encode(format), cancellation).ConfigureAwait(false);
        if (compareName is not null)
        {
            byte[] picture = await ComparisonFile.DrawAsync(settings, photo, mask, refined, cancellation).ConfigureAwait(false);
            await OutputFile.WriteAsync(compareName, picture, cancellation).ConfigureAwait(false);
        }
        if (isJson)
            Console.WriteLine(RefineJson.Of(photo, mask, outputPath, compareName, settings, refined));
        else if (outputPath != InputFile.Standard)
            Console.WriteLine(Describe(outputPath, compareName, refined));
        return ExitCode.Success;
    }

    private static void Check(string photo, string mask, string output, string? compare, bool isJson)
    {
        if (photo == InputFile.Standard && mask == InputFile.Standard)
            throw new UsageException("Only one of photo and mask can be standard input (-).");
        if (output == InputFile.Standard && isJson)
            throw new UsageException("--json prints to standard output, so the mask needs a file: add -o FILE.");
        if (output == InputFile.Standard && !Console.IsOutputRedirected)
            throw new UsageException("A mask is not written to a terminal: add -o FILE, or redirect the output.");
        if (compare is not null && !compare.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--compare: expected a name that ends in .png, got '{compare}'.");
        OutputFile.RequireDistinct(compare is null ? [output] : [output, compare], [photo, mask]);
    }

    /// <summary>Next to the photo, under a name that says what it is.</summary>
    private static string DefaultOutput(string photo)
        => photo == InputFile.Standard
            ? InputFile.Standard
            : Path.Combine(Path.GetDirectoryName(photo) ?? "", $"{Path.GetFileNameWithoutExtension(photo)}-refined.png");

    private static MaskFormat FormatOf(string output, bool areLabels)
    {
        MaskFormat? format = output == InputFile.Standard ? MaskFormat.Png : Path.GetExtension(output).ToUpperInvariant() switch
        {
            ".PNG" => MaskFormat.Png,
            ".WEBP" => MaskFormat.Webp,
            ".JPG" or ".JPEG" => MaskFormat.Jpeg,
            _ => null,
        };
        if (areLabels && format != MaskFormat.Png)
            throw new UsageException($"-o: expected a name that ends in .png, got '{output}'. Label maps are written as PNG only.");
        return format ?? throw new UsageException($"-o: expected a name that ends in .png, .webp, .jpg or .jpeg, got '{output}'.");
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if (path != InputFile.Standard)
        {
            await OutputFile.WriteAsync(path, bytes, cancellation).ConfigureAwait(false);
            return;
        }
        await using Stream output = Console.OpenStandardOutput();
        await output.WriteAsync(bytes, cancellation).ConfigureAwait(false);
    }

    private static string Describe(string output, string? compare, RefinedFile refined)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"Wrote {output}{(compare is null ? "" : $" and {compare}")}: {refined.Width} x {refined.Height} pixels, "
            + $"{refined.Report.ChangedShare:P1} of them changed sides, {refined.Report.Timings.Total.TotalMilliseconds:F0} ms.");
}
