using Xunit;

namespace Spn.Cli.Tests.Commands;

/// <summary>Mistakes of users: each gets one line that says what to do, and no file.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BadInputTests()
    {
        byte[] photo = Scene.Photo();
        _folder.File("photo.jpg", photo);
        _folder.File("mask.png", Scene.Mask());
        _folder.File("cut.jpg", photo[..(photo.Length / 2)]);
        _folder.File("text.png", "This is no picture."u8.ToArray());
        _folder.File("empty.png", []);
        _folder.File("square.png", Pictures.GreyPng(32, 32, (x, _) => x < 9 ? (byte)255 : (byte)0));
        _folder.File("faint.png", Pictures.GreyPng(96, 64, (x, _) => x < 9 ? (byte)9 : (byte)0));
        _folder.File("two.png", PngFile.Make(new[,] { { 0, 1, 2 }, { 0, 1, 2 } }, 8, PngFile.VocPalette()));
        _folder.File("-odd.png", Scene.Mask());
        Directory.CreateDirectory(_folder.File("folder"));
        Directory.CreateDirectory(_folder.File("folder.png"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    // The command line
    [InlineData(2, "See 'spn --help'", "--bogus")]
    [InlineData(2, "There is no command 'refin'; expected refine, batch", "refin", "photo.jpg")]
    [InlineData(2, "'photo.jpg' is no command. To refine a mask write 'spn refine photo mask'.", "photo.jpg", "mask.png")]
    [InlineData(2, "There is no option '--bogus'. See 'spn refine --help'.", "refine", "--bogus", "photo.jpg", "mask.png")]
    [InlineData(2, "Required argument missing", "refine", "photo.jpg")]
    [InlineData(2, "Unexpected argument 'c'; if it is the output, write -o c. See 'spn refine --help'.", "refine", "a", "b", "c")]
    [InlineData(2, "--fit: expected proportional, stretch, letterbox or letterbox-top-left, got 'f'", "refine", "a", "b", "--fit", "f")]
    [InlineData(2, "There is no model 'qualty'. Expected fast, quality, or the path", "refine", "a.jpg", "b.png", "-m", "qualty")]
    [InlineData(2, "'text.png' cannot be loaded", "refine", "photo.jpg", "mask.png", "-m", "text.png")]
    [InlineData(2, "Only one of photo and mask", "refine", "-", "-", "-o", "out.png")]
    [InlineData(2, "add -o FILE", "refine", "photo.jpg", "mask.png", "-o", "-", "--json")]
    [InlineData(2, "ends in .png, .webp, .jpg or .jpeg, got 'out.tif'", "refine", "photo.jpg", "mask.png", "-o", "out.tif")]
    [InlineData(2, "Label maps are written as PNG only", "refine", "photo.jpg", "mask.png", "-o", "out.jpg", "--labels")]
    [InlineData(2, "--hard has no effect with --labels", "refine", "photo.jpg", "mask.png", "--labels", "--hard")]
    [InlineData(2, "--cutout cannot be used with --labels", "refine", "photo.jpg", "mask.png", "--labels", "--cutout", "c.png")]
    [InlineData(2, "--cutout: expected a name that ends in .png", "refine", "photo.jpg", "mask.png", "--cutout", "c.jpg")]
    [InlineData(2, "--cutouts cannot be used with --labels", "batch", ".", "folder", "out", "--labels", "--cutouts")]
    [InlineData(2, "--fit cannot be used with --labels", "refine", "photo.jpg", "mask.png", "--labels", "--fit", "stretch")]
    [InlineData(2, "'./photo.jpg' would overwrite an input", "refine", "photo.jpg", "mask.png", "-o", "./photo.jpg")]
    [InlineData(2, "'mask.png' would overwrite an input", "refine", "photo.jpg", "mask.png", "--compare", "mask.png")]
    [InlineData(2, "'out.png' would be written twice", "refine", "photo.jpg", "mask.png", "-o", "out.png", "--compare", "out.png")]
    [InlineData(2, "--compare: expected a name that ends in .png", "refine", "photo.jpg", "mask.png", "--compare", "out.gif")]
    [InlineData(2, "outside the photo; expected x from 0 to 95 and y from 0 to 63", "affinity", "photo.jpg", "96", "1")]
    [InlineData(2, "x: expected a whole number, got 'one'", "affinity", "photo.jpg", "one", "1")]
    [InlineData(2, "'photo.jpg' would overwrite an input", "affinity", "photo.jpg", "1", "1", "-o", "photo.jpg")]
    [InlineData(2, "exactly two masks", "compare", "mask.png")]
    [InlineData(2, "shell: expected bash, zsh or pwsh, got 'fish'", "completion", "fish")]
    [InlineData(2, "There is no folder 'photos'.", "batch", "photos", "folder", "out")]
    [InlineData(2, "'photo.jpg' is a file; expected a folder. To refine one file use 'spn refine'", "batch", "photo.jpg", "folder", "out")]
    [InlineData(2, "No photos in 'folder'", "batch", "folder", ".", "out")]
    [InlineData(2, "add --mask-names", "batch", ".", ".", "out")]
    [InlineData(2, "choose another folder", "batch", ".", "folder", "./folder/")]
    [InlineData(2, "--mask-names: expected a name with {name}", "batch", ".", "folder", "out", "--mask-names", "mask.png")]
    [InlineData(2, "--shard: expected i/n with i from 1 to n, for example 2/8; got '3/2'", "batch", ".", "folder", "out", "--shard", "3/2")]
    [InlineData(2, "--jobs: expected 1 or more, got 0", "batch", ".", "folder", "out", "--jobs", "0")]
    [InlineData(2, "--watch does not have", "batch", ".", "folder", "out", "--watch", "--json")]
    // The pictures
    [InlineData(1, "There is no file 'missing.jpg'.", "refine", "missing.jpg", "mask.png")]
    [InlineData(1, "'folder' is a folder; expected an image file. To refine folders use 'spn batch'.", "refine", "folder", "mask.png")]
    [InlineData(1, "'text.png' is not an image that can be read", "refine", "text.png", "mask.png")]
    [InlineData(1, "'empty.png' is empty", "refine", "photo.jpg", "empty.png")]
    [InlineData(1, "'cut.jpg' is truncated or damaged", "refine", "cut.jpg", "mask.png")]
    [InlineData(1, "Are image and mask swapped?", "refine", "mask.png", "photo.jpg")]
    [InlineData(1, "add --fit stretch or --fit letterbox", "refine", "photo.jpg", "square.png")]
    [InlineData(1, "'square.png': expected the proportions of the 96 x 64 image", "refine", "photo.jpg", "square.png", "--labels")]
    [InlineData(1, "Add --labels", "refine", "photo.jpg", "two.png")]
    [InlineData(1, "--values probabilities", "refine", "photo.jpg", "faint.png")]
    [InlineData(1, "'mask.png/out.png' cannot be written", "refine", "photo.jpg", "mask.png", "-o", "mask.png/out.png")]
    [InlineData(1, "'folder.png' cannot be written, because it is a folder", "refine", "photo.jpg", "mask.png", "-o", "folder.png")]
    [InlineData(1, "There is no file 'missing.png'.", "compare", "mask.png", "missing.png")]
    [InlineData(1, "'mask.png' 96 x 64; expected the same proportions", "compare", "square.png", "mask.png")]
    [InlineData(1, "expected one object.\n", "compare", "two.png", "mask.png")]
    [InlineData(1, "There is no file 'missing.jpg'.", "affinity", "missing.jpg", "1", "1")]
    public async Task One_line_says_what_to_do(int exitCode, string message, params string[] arguments)
    {
        string[] before = Directory.GetFileSystemEntries(_folder.Path);
        SpnProcess.Result result = await SpnProcess.Run(_folder, arguments);
        Assert.True(exitCode == result.ExitCode && result.Output.Length == 0, result.ToString());
        Assert.Contains(message, result.Errors, StringComparison.Ordinal);
        Assert.StartsWith("spn: ", result.Errors, StringComparison.Ordinal);
        Assert.Equal(result.Errors.Length - 1, result.Errors.IndexOf('\n', StringComparison.Ordinal));
        string[] forProgrammers = ["MaskOptions", "LabelMap", "RefinerBuilder", "Parameter", "byte array", "coarseMask", "   at "];
        Assert.All(forProgrammers, word => Assert.DoesNotContain(word, result.Errors, StringComparison.Ordinal));
        Assert.Equal(before, Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task An_input_is_not_overwritten_through_a_link()
    {
        Assert.SkipUnless(!OperatingSystem.IsWindows(), "Links need rights on Windows.");
        File.CreateSymbolicLink(_folder.File("link.png"), "mask.png");
        foreach ((string mask, string output) in new[] { ("link.png", "mask.png"), ("mask.png", "link.png") })
        {
            SpnProcess.Result result = await SpnProcess.Run(_folder, "refine", "photo.jpg", mask, "-o", output);
            Assert.Equal(2, result.ExitCode);
            Assert.Contains("would overwrite an input", result.Errors, StringComparison.Ordinal);
        }
        Assert.Equal(Scene.Mask(), File.ReadAllBytes(_folder.File("mask.png")));
    }

    [Fact]
    public async Task Verbose_shows_where_an_error_comes_from()
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, "refine", "text.png", "mask.png", "--verbose");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("InvalidDataException", result.Errors, StringComparison.Ordinal);
        Assert.Contains("   at Spn.", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_dashes_allow_names_that_begin_with_one()
    {
        SpnProcess.Result result = await SpnProcess.Run(_folder, "refine", "-o", "out.png", "--", "photo.jpg", "-odd.png");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(File.Exists(_folder.File("out.png")));
    }
}
