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
        Option<string?> cutOut = new("--cutout")
        {
            Description = "Also cut the object out of the photo, with its own colours on a transparent background, into a .png file.",
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
            photo, mask, output, cutOut, compare, json,
        };
        options.AddTo(command);
        command.SetAction((line, cancellation) =>
        {
            string name = line.GetRequiredValue(photo);
            Outputs outputs = new(line.GetValue(output) ?? DefaultOutput(name), line.GetValue(cutOut), line.GetValue(compare));
            return RunAsync(name, line.GetRequiredValue(mask), outputs, line.GetValue(json), options.Read(line), cancellation);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string photoName, string maskName, Outputs outputs, bool isJson, RefineSettings settings, CancellationToken cancellation)
    {
        MaskFormat format = FormatOf(outputs.Mask, settings.AreLabels);
        Check(photoName, maskName, outputs, isJson);
        if (settings.AreLabels && outputs.CutOut is not null)
            throw new UsageException("--cutout cannot be used with --labels: a label map has no alpha. Remove one of them.");

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
        await WriteAsync(outputs.Mask, refined.Encode(format), cancellation).ConfigureAwait(false);
        if (outputs.CutOut is not null)
        {
            ReadOnlyMemory<byte> cutOut = await refined.CutOutAsync(photo, cancellation).ConfigureAwait(false);
            await OutputFile.WriteAsync(outputs.CutOut, cutOut, cancellation).ConfigureAwait(false);
        }
        if (outputs.Comparison is not null)
        {
            byte[] picture = await ComparisonFile.DrawAsync(settings, photo, mask, refined, cancellation).ConfigureAwait(false);
            await OutputFile.WriteAsync(outputs.Comparison, picture, cancellation).ConfigureAwait(false);
        }
        if (isJson)
            Console.WriteLine(RefineJson.Of(photo, mask, outputs, settings, refined));
        else if (outputs.Mask != InputFile.Standard)
            Console.WriteLine(Describe(outputs, refined));
        return ExitCode.Success;
    }

    private static void Check(string photo, string mask, Outputs outputs, bool isJson)
    {
        if (photo == InputFile.Standard && mask == InputFile.Standard)
            throw new UsageException("Only one of photo and mask can be standard input (-).");
        if (outputs.Mask == InputFile.Standard && isJson)
            throw new UsageException("--json prints to standard output, so the mask needs a file: add -o FILE.");
        if (outputs.Mask == InputFile.Standard && !Console.IsOutputRedirected)
            throw new UsageException("A mask is not written to a terminal: add -o FILE, or redirect the output.");
        RequirePng("--cutout", outputs.CutOut);
        RequirePng("--compare", outputs.Comparison);
        OutputFile.RequireDistinct(outputs.All, [photo, mask]);
    }

    private static void RequirePng(string option, string? name)
    {
        if (name is not null && !name.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"{option}: expected a name that ends in .png, got '{name}'.");
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

    private static string Describe(Outputs outputs, RefinedFile refined)
    {
        string[] files = [.. outputs.All];
        string written = files.Length == 1 ? files[0] : $"{string.Join(", ", files[..^1])} and {files[^1]}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Wrote {written}: {refined.Width} x {refined.Height} pixels, "
            + $"{refined.Report.ChangedShare:P1} of them changed sides, {refined.Report.Timings.Total.TotalMilliseconds:F0} ms.");
    }
}
