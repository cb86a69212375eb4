using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Spn.Cli.Files;
using Spn.Cli.Output;
using Spn.Metrics;

namespace Spn.Cli.Commands;

/// <summary><c>spn compare</c>: how well masks agree with the true one, or with each other.</summary>
internal static class CompareCommand
{
    private const int PngColorType = 25, Palette = 3;

    public static Command Create()
    {
        Argument<string[]> masks = new("mask")
        {
            Description = "The masks to compare, or - for standard input. Smaller ones are enlarged to the size of the truth.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> truth = new("--truth", "-t")
        {
            Description = "The true mask. Without it, two masks are compared with each other.",
            HelpName = "FILE",
        };
        Option<bool> json = new("--json") { Description = "Print the figures in JSON." };
        Command command = new("compare", "Measure masks, for example: spn compare coarse.png refined.png --truth truth.png")
        {
            masks, truth, json,
        };
        command.SetAction((line, cancellation) => RunAsync(
            line.GetRequiredValue(masks), line.GetValue(truth), line.GetValue(json), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string[] names, string? truthName, bool isJson, CancellationToken cancellation)
    {
        if (truthName is null && names.Length != 2)
        {
            throw new UsageException(
                $"Expected --truth FILE, or exactly two masks to compare with each other; got {names.Length} without --truth.");
        }
        string reference = truthName ?? names[1];
        string[] measured = truthName is null ? names[..1] : names;
        if (measured.Append(reference).Count(name => name == InputFile.Standard) > 1)
            throw new UsageException("Only one of the masks can be standard input (-).");

        (Mask truth, BinaryMask? undecided) = await LoadAsync(reference, cancellation).ConfigureAwait(false);
        List<CompareJson.Scores> scores = [];
        foreach (string name in measured)
        {
            (Mask mask, _) = await LoadAsync(name, cancellation).ConfigureAwait(false);
            if (!HaveSameProportions(mask, truth))
            {
                throw new IOException(
                    $"'{name}' has {mask.Width} x {mask.Height} pixels, '{reference}' {truth.Width} x {truth.Height}; "
                    + "expected the same proportions.");
            }
            if ((mask.Width, mask.Height) != (truth.Width, truth.Height))
                mask = mask.Resize(truth.Width, truth.Height);
            scores.Add(Measure(name, mask, truth, undecided));
        }
        Print(new CompareJson(reference, scores), isJson);
        return ExitCode.Success;
    }

    /// <summary>To within one pixel of the mask, because the output of a network is often a rounded part of its image.</summary>
    private static bool HaveSameProportions(Mask mask, Mask truth)
        => Math.Abs(mask.Width - (double)truth.Width * mask.Height / truth.Height) <= 1
            || Math.Abs(mask.Height - (double)truth.Height * mask.Width / truth.Width) <= 1;

    private static async Task<(Mask Mask, BinaryMask? Undecided)> LoadAsync(string name, CancellationToken cancellation)
    {
        InputFile file = await InputFile.ReadAsync(name, isMask: true, cancellation).ConfigureAwait(false);
        try
        {
            return (Mask.Load(file.Bytes, RefineSettings.PixelLimit), Undecided(file.Bytes));
        }
        catch (Exception e) when (Failure.IsExpected(e))
        {
            throw new IOException(Failure.Describe(e, hasOptions: false, file), e);
        }
    }

    /// <summary>
    /// The pixels of index 255, if the file has a palette of colours. <see cref="Mask.Load(MaskInput, long)"/> reads them as 0.5.
    /// </summary>
    private static BinaryMask? Undecided(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        bool hasPalette = bytes.Length > PngColorType && bytes[1..4].SequenceEqual("PNG"u8) && bytes[PngColorType] == Palette;
        if (!hasPalette)
            return null;
        LabelMap labels = LabelMap.Load(file, pixelLimit: RefineSettings.PixelLimit);
        bool isGray = labels.Palette!.All(color => color.Red == color.Green && color.Green == color.Blue);
        return isGray
            ? null
            : BinaryMask.From(Array.ConvertAll(labels.Labels.ToArray(), label => label == LabelMap.Void), labels.Width, labels.Height);
    }

    private static CompareJson.Scores Measure(string name, Mask mask, Mask truth, BinaryMask? ignored)
    {
        BinaryMask ours = BinaryMask.From(mask.Pixels, mask.Width, mask.Height);
        BinaryMask correct = BinaryMask.From(truth.Pixels, truth.Width, truth.Height);
        return new CompareJson.Scores(
            name, MaskMetrics.IoU(ours, correct, ignored), MaskMetrics.BoundaryIoU(ours, correct, ignored),
            MaskMetrics.MeanBoundaryAccuracy(ours, correct, ignored));
    }

    private static void Print(CompareJson result, bool isJson)
    {
        string[] header = [$"compared with {result.Truth}", "IoU %", "boundary IoU %", "mBA %"];
        IEnumerable<string[]> rows = result.Masks.Select(
            scores => new[] { scores.Mask, Percent(scores.Iou), Percent(scores.BoundaryIou), Percent(scores.Mba) });
        if (isJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(result, Json.Readable.CompareJson));
        }
        else if (Terminal.ShowsTables)
        {
            Table table = new() { Border = TableBorder.Rounded };
            foreach (string title in header)
                table.AddColumn(Markup.Escape(title), column => column.Alignment = title == header[0] ? Justify.Left : Justify.Right);
            foreach (string[] row in rows)
                table.AddRow([.. row.Select(Markup.Escape)]);
            AnsiConsole.Write(table);
        }
        else
        {
            foreach (string[] row in rows.Prepend(header))
                Console.WriteLine(string.Join('\t', row));
        }
    }

    private static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);
}
