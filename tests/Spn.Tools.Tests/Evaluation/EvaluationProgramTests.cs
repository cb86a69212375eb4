using System.Globalization;
using SkiaSharp;
using Spn.Models;
using TorchSharp;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>Runs the evaluation as users do: in a separate process, on a folder of small photos.</summary>
public sealed class EvaluationProgramTests : IDisposable
{
    private static readonly string[] s_kinds = ["net8", "net24", "bumps", "polygon", "shift", "grow", "exact"];

    /// <summary>What every method's row begins with, in the table's order.</summary>
    private static readonly string[] s_methods = ["coarse mask", "EdgeGuidance", "guided filter", "guided filter", "0.85 · guided filter", "domain transform (NC", "domain transform (RF", "GrabCut"];

    private const string Figures = "kind,method,photos,iou,iou_se,boundary_iou,boundary_iou_se,mba,mba_se";

    private readonly TemporaryFolder _folder = new();

    public EvaluationProgramTests()
    {
        OpenCv.Require();
        string photos = Directory.CreateDirectory(_folder.File("photos")).FullName;
        foreach ((string name, int radius) in new[] { ("one", 50), ("two", 65) })
        {
            bool Inside(int x, int y) => (x - 120) * (x - 120) + (y - 80) * (y - 80) < radius * radius;
            using SKBitmap photo = Pictures.Bitmap(240, 160, (x, y) => Inside(x, y) ? new SKColor(200, (byte)(60 + x % 16), 40) : new SKColor(40, (byte)(120 + y % 16), 150));
            File.WriteAllBytes(Path.Combine(photos, name + ".jpg"), Pictures.Encode(photo, SKEncodedImageFormat.Jpeg, 95));
            File.WriteAllBytes(Path.Combine(photos, name + "_gt.png"), Pictures.GreyPng(240, 160, (x, y) => (byte)(Inside(x, y) ? 255 : 0)));
        }
        File.WriteAllText(Path.Combine(photos, "sequences.csv"), "id,sequence,split\none,circle,training\ntwo,circle,validation\n");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_writes_a_table_of_every_kind_and_method()
    {
        string table = Path.Combine("results", "table.md"), csv = _folder.File(Path.Combine("results", "table.csv"));
        Directory.CreateDirectory(_folder.File("results"));
        foreach (string old in new[] { _folder.File(table), csv })
            File.WriteAllText(old, string.Concat(Enumerable.Repeat("a longer table from before\n", 5000)));

        ChildProcess run = await Run("photos", "--table", table, "--out", "sheets");

        Assert.True(run.ExitCode == 0, run.Output);
        string markdown = File.ReadAllText(_folder.File(table));
        Assert.Contains(markdown.Split('\n')[0], run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("from before", markdown, StringComparison.Ordinal);
        Assert.Equal(["net24 and bumps", "All inexact kinds", .. s_kinds], markdown.Split('\n').Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' ')));
        string[] rows = [.. markdown.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| method", StringComparison.Ordinal))];
        Assert.Equal(9 * s_methods.Length, rows.Length);
        for (int i = 0; i < rows.Length; i++)
            Assert.StartsWith("| " + s_methods[i % s_methods.Length], rows[i], StringComparison.Ordinal);

        string[][] figures = Csv(csv, Figures);
        Assert.Equal(s_kinds.Order(StringComparer.Ordinal).SelectMany(kind => Enumerable.Repeat(kind, s_methods.Length)), figures.Select(row => row[0]));
        foreach (string[] row in figures)
        {
            Assert.Equal("2", row[2]);
            Assert.All(row[3..], figure => Assert.InRange(double.Parse(figure, CultureInfo.InvariantCulture), 0, 1));
            if (row[0] == "exact" && row[1] == "coarse mask")
                Assert.Equal(["1.000000", "0.000000", "1.000000", "0.000000", "1.000000", "0.000000"], row[3..]);
            else if (row[1] == "coarse mask")
                Assert.NotEqual("1.000000", row[3]);
        }

        string[][] cases = Csv(_folder.File(Path.Combine("sheets", "scores.csv")), "photo,kind,method,iou,boundary_iou,mba,ms_photo,ms_mask");
        Assert.Equal(2 * s_kinds.Length * s_methods.Length, cases.Distinct().Count());
        foreach (string sheet in new[] { "best.png", "worst.png" })
        {
            using SKBitmap picture = SKBitmap.Decode(_folder.File(Path.Combine("sheets", sheet)));
            Assert.True(picture is { Width: > 1000, Height: > 1000 }, $"{sheet} must show eight cases");
        }
        // Nothing temporary is left beside what was asked for.
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.File("results")).Length);
        Assert.Equal(3, Directory.GetFileSystemEntries(_folder.File("sheets")).Length);
    }

    [Fact]
    public async Task Two_runs_agree_and_take_the_split_and_kinds_asked_for()
    {
        foreach (string table in new[] { "a.md", "b.md" })
        {
            ChildProcess run = await Run("photos", "--split", "validation", "--kinds", "grow,bumps", "--table", table);
            Assert.True(run.ExitCode == 0, run.Output);
        }
        Assert.Equal(File.ReadAllText(_folder.File("a.csv")), File.ReadAllText(_folder.File("b.csv")));
        string[][] figures = Csv(_folder.File("a.csv"), Figures);
        Assert.Equal(["bumps", "grow"], figures.Select(row => row[0]).Distinct());
        Assert.All(figures, row => Assert.Equal("1", row[2]));
    }

    [Fact]
    public async Task Models_are_judged_through_the_refiner_beside_the_rest()
    {
        using (var model = Seeded.Model(new SpnConfiguration { Channels = 4 }))
        {
            using (torch.no_grad())
                model.named_parameters().Single(parameter => parameter.name == "propagation.decode.weight").parameter.neg_();
            model.Save(_folder.File("model.safetensors"));
        }
        ChildProcess run = await Run(
            "photos", "--kinds", "exact", "--grabcut", "no", "--max-photos", "1", "--model", "model.safetensors", "--model", _folder.File("model.safetensors"), "--table", "table.md");
        Assert.True(run.ExitCode == 0, run.Output);
        string[][] figures = Csv(_folder.File("table.csv"), Figures);
        Assert.Equal(["coarse mask", "SpnModel model.safetensors", $"SpnModel {_folder.File("model.safetensors")}", "EdgeGuidance (defaults)"], figures[..4].Select(row => row[1]));
        Assert.Equal(figures[1][2..], figures[2][2..]);
        Assert.Equal("1.000000", figures[0][3]);
        Assert.Equal("0.000000", figures[1][3]); // untrained, a model gives the mask back; this one takes inside for outside
    }

    [Fact]
    public async Task Every_second_photo_is_taken_and_void_does_not_count()
    {
        File.WriteAllBytes(_folder.File(Path.Combine("photos", "one_void.png")), Pictures.GreyPng(240, 160, (_, _) => 255));
        ChildProcess run = await Run("photos", "--kinds", "grow,net24", "--grabcut", "no", "--every", "2", "--table", "table.md");
        Assert.True(run.ExitCode == 0, run.Output);
        string[][] figures = Csv(_folder.File("table.csv"), Figures);
        Assert.All(figures, row => Assert.Equal(["1", "1.000000", "0.000000", "1.000000", "0.000000", "1.000000", "0.000000"], row[2..]));
    }

    [Fact]
    public async Task Enlarged_photos_have_enlarged_errors_and_models_may_look_at_a_smaller_copy_first()
    {
        foreach (string cascade in new[] { "yes", "no" })
        {
            // 240 x 160 enlarged six times is a large photo, above 0.84 megapixels.
            ChildProcess run = await Run("photos", "--kinds", "bumps", "--grabcut", "no", "--max-photos", "1", "--enlarge", "6", "--model", "Fast", "--cascade", cascade, "--table", $"{cascade}.md");
            Assert.True(run.ExitCode == 0, run.Output);
        }
        string[][] with = Csv(_folder.File("yes.csv"), Figures), without = Csv(_folder.File("no.csv"), Figures);
        Assert.Equal(with[0], without[0]);
        Assert.InRange(Number(with[0][3]), 0.85, 0.999); // about what it is at the photos' own size
        Assert.NotEqual(with[1][3..], without[1][3..]);
        Assert.True(Number(with[1][3]) > Number(with[0][3]));
        Assert.Contains("--enlarge 6", File.ReadAllText(_folder.File("no.md")), StringComparison.Ordinal);

        static double Number(string figure) => double.Parse(figure, CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Cut_outs_with_estimated_colours_are_nearer_to_the_truth()
    {
        ChildProcess run = await Run("cutouts", "photos", "--table", "cut-outs.md", "--out", "pictures");
        Assert.True(run.ExitCode == 0, run.Output);
        string table = File.ReadAllText(_folder.File("cut-outs.md"));
        Assert.Contains("-- cutouts photos`", table, StringComparison.Ordinal);
        string[][] rows = [.. table.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).Select(line => line.Split(" | "))];
        Assert.Equal(12, rows.Length);
        for (int i = 0; i < rows.Length; i += 2)
        {
            Assert.Equal(["image", "estimated"], rows[i..(i + 2)].Select(row => row[2]));
            bool isTrue = rows[i][1] == "true alpha";
            double image = double.Parse(rows[i][^2], CultureInfo.InvariantCulture);
            double estimated = double.Parse(rows[i + 1][^2], CultureInfo.InvariantCulture);
            Assert.True(isTrue ? estimated < image / 2 : estimated < 1.5 * image, table);
        }
        Assert.Equal(2 * 3 * 2 * 2 * 2, Directory.GetFiles(_folder.File("pictures")).Length);
    }

    [Theory]
    [InlineData("No folder was given")]
    [InlineData("does not exist", "missing")]
    [InlineData("Unknown option --kinds", "cutouts", "photos", "--kinds", "grow")]
    [InlineData("Expected one folder", "photos", "photos")]
    [InlineData("'net9'", "photos", "--kinds", "net9")]
    [InlineData("expected validation", "photos", "--split", "test")]
    [InlineData("expected yes or no", "photos", "--grabcut", "maybe")]
    [InlineData("expected yes or no", "photos", "--cascade", "maybe")]
    [InlineData("expected a number of 1..8", "photos", "--enlarge", "9")]
    [InlineData("expected a number of 1 or more", "photos", "--every", "0")]
    [InlineData("does not exist", "photos", "--model", "missing.safetensors")]
    [InlineData("ends in .md", "photos", "--table", "table.csv")]
    [InlineData("needs a value", "photos", "--table")]
    [InlineData("Unknown option --fast", "photos", "--fast", "yes")]
    public async Task Bad_arguments_give_the_reason_a_usage_line_and_exit_code_two(string reason, params string[] arguments)
    {
        ChildProcess run = await Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Output, StringComparison.Ordinal);
        Assert.Contains("usage:", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_files_give_the_reason_and_exit_code_one()
    {
        File.WriteAllBytes(_folder.File(Path.Combine("photos", "two_gt.png")), Pictures.GreyPng(239, 160, (_, _) => 0));
        await Refused("two", "photos", "--kinds", "grow");
        File.WriteAllText(_folder.File(Path.Combine("photos", "two_gt.png")), "no picture");
        await Refused("two", "photos", "--kinds", "grow");
        await Refused("model.safetensors", "photos", "--kinds", "grow", "--model", _folder.File("model.safetensors", "no model"u8.ToArray()));
        File.WriteAllBytes(_folder.File(Path.Combine("photos", "one_void.png")), Pictures.GreyPng(239, 160, (_, _) => 0));
        await Refused("void", "photos", "--kinds", "grow");
        File.Delete(_folder.File(Path.Combine("photos", "sequences.csv")));
        await Refused("sequences.csv", "photos", "--split", "validation");
        Directory.CreateDirectory(_folder.File("empty"));
        await Refused("contains no name.jpg", "empty");

        async Task Refused(string reason, params string[] arguments)
        {
            ChildProcess run = await Run(arguments);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(reason, run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
        }
    }

    /// <summary>The rows under a heading; the method, quoted, may hold commas.</summary>
    private static string[][] Csv(string path, string heading)
    {
        string[] lines = File.ReadAllLines(path);
        Assert.Equal(heading, lines[0]);
        return [.. lines[1..].Select(line =>
        {
            string[] parts = line.Split('"');
            Assert.Equal(3, parts.Length);
            return (string[])[.. parts[0].TrimEnd(',').Split(','), parts[1], .. parts[2].TrimStart(',').Split(',')];
        })];
    }

    [Fact]
    public async Task Scenes_with_thin_parts_can_be_evaluated()
    {
        ChildProcess made = await Run("scenes", "--out", "scenes", "--count", "2", "--size", "128");
        Assert.True(made.ExitCode == 0, made.Output);
        string[] expected = ["scene-0000.jpg", "scene-0000_gt.png", "scene-0001.jpg", "scene-0001_gt.png"];
        Assert.Equal(expected, Directory.GetFiles(_folder.File("scenes")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        ChildProcess run = await Run("scenes", "--thin", "yes", "--kinds", "net8", "--grabcut", "no");
        Assert.Equal(2, run.ExitCode); // "scenes" is the command, so a folder of this name needs a path
        run = await Run("./scenes", "--thin", "yes", "--kinds", "net8", "--grabcut", "no");
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.StartsWith("2 photos", run.Output.Split('\n').First(line => line.Contains("photos,", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private Task<ChildProcess> Run(params string[] arguments)
        => ChildProcess.Run(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "Spn.Evaluation.dll"), .. arguments], _folder.Path);
}
