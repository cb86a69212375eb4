using System.Text.Json;
using SkiaSharp;
using Xunit;

namespace Spn.Cli.Tests.Commands;

public sealed class RefineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public RefineTests()
    {
        _folder.File("photo.jpg", Scene.Photo());
        _folder.File("mask.png", Scene.Mask());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_mask_is_byte_by_byte_the_one_of_the_library()
    {
        string line = Assert.Single(await Refined("photo.jpg", "mask.png"));
        Assert.StartsWith("Wrote photo-refined.png: 96 x 64 pixels, ", line, StringComparison.Ordinal);
        Assert.Equal(Scene.Refined(_folder.File("photo.jpg"), _folder.File("mask.png")), Written("photo-refined.png"));
    }

    [Theory]
    [InlineData("--model", "Quality")]
    [InlineData("--hard", "")]
    [InlineData("--limit", "")]
    [InlineData("--fallback", "")]
    public async Task Options_are_those_of_the_library(string option, string value)
    {
        await Refined([option, .. value.Length > 0 ? [value] : Array.Empty<string>(), "photo.jpg", "mask.png", "-o", "out.png"]);
        Assert.Equal(
            Scene.Refined(_folder.File("photo.jpg"), _folder.File("mask.png"), builder => option switch
            {
                "--model" => builder.WithModel(SpnModel.Quality),
                "--hard" => builder.WithHardOutput(),
                "--fallback" => builder.WithFallback(),
                _ => builder.WithChangeLimit(),
            }),
            Written("out.png"));
    }

    [Fact]
    public async Task A_model_comes_from_a_file()
    {
        SpnModel.Quality.Save(_folder.File("own.safetensors"));
        await Refined("photo.jpg", "mask.png", "-o", "out.png", "-m", "own.safetensors");
        Assert.Equal(
            Scene.Refined(_folder.File("photo.jpg"), _folder.File("mask.png"), builder => builder.WithModel(SpnModel.Quality)),
            Written("out.png"));
    }

    [Fact]
    public async Task A_mask_of_a_stretched_image_fits()
    {
        byte[] square = Pictures.GreyPng(32, 32, (x, y) => x is > 8 and < 24 && y is > 8 and < 24 ? (byte)255 : (byte)0);
        _folder.File("square.png", square);
        await Refined("photo.jpg", "square.png", "-o", "out.png", "--fit", "stretch");
        MaskInput stretched = MaskInput.From(square).With(new MaskOptions { Fit = MaskFit.Stretch });
        Assert.Equal(Scene.Refined(_folder.File("photo.jpg"), stretched), Written("out.png"));
    }

    [Fact]
    public async Task Label_maps_keep_their_palette()
    {
        byte[] coarse = Scene.Labels();
        _folder.File("labels.png", coarse);
        await Refined("photo.jpg", "labels.png", "--labels", "--compare", "compared.png");
        LabelMap expected = SpnRefiner.Refine(_folder.File("photo.jpg"), LabelMap.Load(coarse.AsMemory()));
        using MemoryStream file = new();
        expected.Save(file);
        Assert.Equal(file.ToArray(), Written("photo-refined.png"));
        Assert.NotEqual(LabelMap.Load(coarse.AsMemory()).Labels.ToArray(), expected.Labels.ToArray());
        using SKBitmap comparison = SKBitmap.Decode(_folder.File("compared.png"));
        Assert.Equal(64, comparison.Height);
    }

    [Fact]
    public async Task Labels_in_RGB_need_their_colours()
    {
        SKColor[] palette = PngFile.VocPalette();
        LabelMap labels = LabelMap.Load(Scene.Labels().AsMemory());
        _folder.File("rgb.png", Pictures.Png(96, 64, (x, y) => palette[labels[x, y]]));
        SpnProcess.Result refused = await SpnProcess.Run(_folder, "refine", "photo.jpg", "rgb.png", "--labels");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("--voc-colors", refused.Errors, StringComparison.Ordinal);
        await Refined("photo.jpg", "rgb.png", "--labels", "--voc-colors");
        LabelMap refined = LabelMap.Load(_folder.File("photo-refined.png"));
        Assert.Equal(SpnRefiner.Refine(_folder.File("photo.jpg"), labels).Labels.ToArray(), refined.Labels.ToArray());
    }

    [Fact]
    public async Task Standard_input_and_output_are_a_dash()
    {
        byte[] expected = Scene.Refined(_folder.File("photo.jpg"), _folder.File("mask.png"));
        SpnProcess.Result photo = await SpnProcess.Run(_folder, Scene.Photo(), "refine", "-", "mask.png");
        Assert.True(photo.ExitCode == 0, photo.ToString());
        Assert.Equal(expected, photo.Output);
        SpnProcess.Result mask = await SpnProcess.Run(_folder, Scene.Mask(), "refine", "photo.jpg", "-", "-o", "-");
        Assert.Equal(expected, mask.Output);
        Assert.Equal("", mask.Errors);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public async Task The_object_is_cut_out_as_by_the_library()
    {
        string[] lines = await Refined("photo.jpg", "mask.png", "--cutout", "cut.png");
        Assert.StartsWith("Wrote photo-refined.png and cut.png: ", lines[0], StringComparison.Ordinal);
        using MemoryStream file = new();
        SpnRefiner.CutOut(_folder.File("photo.jpg"), _folder.File("mask.png")).Save(file);
        Assert.Equal(file.ToArray(), Written("cut.png"));
    }

    [Fact]
    public async Task The_comparison_has_three_panels_and_marks_what_changed()
    {
        await Refined("photo.jpg", "mask.png", "-o", Path.Combine("new", "folder", "out.png"), "--compare", "compared.png");
        using SKBitmap picture = SKBitmap.Decode(_folder.File("compared.png"));
        Assert.Equal((3 * 96 + 2 * 8, 64), (picture.Width, picture.Height));
        Mask coarse = Mask.Load(_folder.File("mask.png")), refined = Mask.Load(_folder.File(Path.Combine("new", "folder", "out.png")));
        int changed = 0;
        for (int i = 0; i < 96 * 64; i++)
        {
            (int y, int x) = int.DivRem(i, 96);
            bool before = coarse.Pixels[i] >= 0.5f, after = refined.Pixels[i] >= 0.5f;
            SKColor shown = picture.GetPixel(2 * (96 + 8) + x, y);
            if (before == after)
                Assert.True(shown.Red == shown.Green, $"({x}, {y}) did not change");
            else
                Assert.Equal(after, shown.Green > shown.Red);
            changed += before != after ? 1 : 0;
        }
        Assert.InRange(changed, 20, 2000);
    }

    [Fact]
    public async Task The_report_is_JSON()
    {
        string text = string.Join('\n', await Refined("photo.jpg", "mask.png", "--json", "-o", "aus gäbe.png"));
        JsonElement report = JsonDocument.Parse(text).RootElement;
        Assert.Equal("aus gäbe.png", report.GetProperty("output").GetString());
        Assert.Contains("aus gäbe.png", text, StringComparison.Ordinal);
        Assert.Equal(("Fast", 96, 64), (
            report.GetProperty("model").GetString(), report.GetProperty("width").GetInt32(), report.GetProperty("height").GetInt32()));
        SpnRefiner.Configure().Build().Refine(_folder.File("photo.jpg"), _folder.File("mask.png"), out RefineReport expected);
        Assert.Equal(expected.ChangedShare, report.GetProperty("changedShare").GetDouble());
        Assert.Equal(expected.MeanChange, report.GetProperty("meanChange").GetDouble());
        Assert.True(report.GetProperty("milliseconds").GetProperty("total").GetDouble() > 0);
    }

    [Theory]
    [InlineData("out.webp", SKEncodedImageFormat.Webp)]
    [InlineData("out.JPG", SKEncodedImageFormat.Jpeg)]
    public async Task The_extension_chooses_the_format(string name, SKEncodedImageFormat format)
    {
        await Refined("photo.jpg", "mask.png", "-o", name);
        using SKCodec codec = SKCodec.Create(_folder.File(name));
        Assert.Equal(format, codec.EncodedFormat);
    }

    private async Task<string[]> Refined(params string[] arguments)
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, ["refine", .. arguments]);
        Assert.True(result.ExitCode == 0 && result.Errors.Length == 0, result.ToString());
        return result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private byte[] Written(string name) => File.ReadAllBytes(_folder.File(name));
}
