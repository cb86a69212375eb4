using SkiaSharp;
using Spn.Tools.Tests.Evaluation;
using Xunit;

namespace Spn.Tools.Tests.Paper;

/// <summary>Runs the paper's experiments as users do, for one step each, on small folders of the same form as the real ones.</summary>
public sealed class PaperProgramTests : IDisposable
{
    private const int Size = 64;

    private readonly TemporaryFolder _folder = new();

    public PaperProgramTests()
    {
        OpenCv.Require();
        string faces = Folder("faces");
        File.WriteAllText(Path.Combine(faces, "split.csv"), "id,source,split\n0,a,training\n1,b,training\n2,c,test\n3,d,test\n");
        foreach (string id in new[] { "0", "1", "2", "3" })
            Write(faces, faces, id, (x, y) => (byte)(Inside(x, y) ? 1 + (x / 8 + y / 8) % 12 : 0));
        foreach (string split in new[] { "training", "test" })
        {
            string folder = Folder("camvid/" + split);
            foreach (string id in new[] { "0", "1" })
                Write(folder, folder, id, (x, y) => (byte)((x / 8 + y / 8) % 12));
        }
        foreach (string root in new[] { "voc", "voc/train" })
        {
            string[] lists = root == "voc" ? ["A.txt", "B.txt"] : ["fine.txt", "sbd.txt"];
            foreach (string list in lists)
                File.WriteAllText(Path.Combine(Folder(root), list), "one\ntwo\n");
            foreach (string id in new[] { "one", "two" })
                Write(Folder(root + "/images"), Folder(root + "/labels"), id, (x, y) => (byte)(Inside(x, y) ? 12 : 0));
            foreach (string network in root == "voc" ? Networks : Networks[..1])
            {
                File.WriteAllText(_folder.File($"data/{root}/{network}.csv"), "id,height,width,classes\none,8,8,0 12\ntwo,8,8,0 12\n");
                foreach (string id in new[] { "one", "two" })
                {
                    File.WriteAllBytes(
                        Path.Combine(Folder($"{root}/{network}"), id + ".png"),
                        Pictures.GreyPng(8, 16, (x, y) => (byte)(Inside(8 * x, 8 * (y % 8)) == y < 8 ? 40 : 215)));
                }
            }
        }
    }

    private static string[] Networks => ["espnetv2_2.0_384", "dicenet_1.0_256", "espnetv2_0.5_256"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Faces_give_a_table_and_a_second_run_loads_what_the_first_has_trained()
    {
        string first = await Table("faces"), checkpoint = _folder.File("out/faces/SPN.checkpoint.safetensors");
        string[] expected = ["Multi-objective", "CNN-base", "CNN-Highres", "CNN-base + one-way", "CNN-base + SPN"];
        Assert.Equal([.. expected, .. expected.Select(system => $"*slides: {system}*")], Rows(first));
        using (SKBitmap sheet = SKBitmap.Decode(_folder.File("out/paper-faces.png")))
            Assert.Equal((7 * 320, 264), (sheet.Width, sheet.Height)); // photo, truth and five systems for the only test face
        DateTime written = File.GetLastWriteTimeUtc(checkpoint);
        Assert.Equal(first, await Table("faces"));
        Assert.Equal(written, File.GetLastWriteTimeUtc(checkpoint));
    }

    [Fact]
    public async Task Streets_give_a_table_of_every_base_network_with_every_refinement()
    {
        string[] refinements = ["", " + dense CRF", " + CRF as RNN", " + one-way", " + SPN"];
        string[] expected = [.. new[] { "DeepLab VGG16", "FCN-8s", "DeepLab ResNet101" }
            .SelectMany(network => refinements.Select(refinement => network + refinement))];
        Assert.Equal(expected, Rows(await Table("streets")).Where(row => row[0] != '*'));
    }

    [Fact]
    public async Task Objects_give_a_table_for_every_network()
    {
        string[] methods =
        [
            "network, bilinear", "dense CRF (Krähenbühl and Koltun)", "dense CRF (DeepLab v2, ResNet101)", "CRF as RNN",
            "one-way", "SPN", "Fast",
        ];
        string table = await Table("objects", "--model", "Fast");
        Assert.Equal([.. methods, .. methods, .. methods], Rows(table).Where(row => row[0] != '*'));
    }

    [Theory]
    [InlineData("No experiment")]
    [InlineData("expected all, faces", "cars")]
    [InlineData("No folder", "faces")]
    [InlineData("does not exist", "faces", "--data", "nowhere")]
    [InlineData("Unknown option --speed", "faces", "--speed", "2")]
    [InlineData("--steps is 0", "faces", "--steps", "0")]
    public async Task Wrong_arguments_give_the_reason_and_exit_code_two(string reason, params string[] arguments)
    {
        ChildProcess run = await Run(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(reason, run.Output, StringComparison.Ordinal);
        Assert.Contains("EXPERIMENT", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_data_gives_the_reason_and_exit_code_one()
    {
        File.Delete(_folder.File("data/faces/split.csv"));
        ChildProcess run = await Run("faces", "--data", "data");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("split.csv", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
    }

    private async Task<string> Table(string experiment, params string[] more)
    {
        ChildProcess run = await Run([experiment, "--data", "data", "--out", "out", "--steps", "1", "--every", "2", .. more]);
        Assert.True(run.ExitCode == 0, run.Output);
        return File.ReadAllText(_folder.File($"out/paper-{experiment}.md"));
    }

    private static string[] Rows(string markdown)
        => [.. markdown.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Select(line => line.Split(" | ")[0][2..])
            .Where(name => name is not ("system" or "method"))];

    private static bool Inside(int x, int y) => Math.Abs(x - 32) < 20 && Math.Abs(y - 32) < 22;

    private static void Write(string images, string labels, string id, Func<int, int, byte> label)
    {
        using SKBitmap photo = Pictures.Bitmap(
            Size, Size, (x, y) => new SKColor((byte)(label(x, y) * 12 + 40), (byte)(255 - label(x, y) * 9), (byte)(x * 3)));
        File.WriteAllBytes(Path.Combine(images, id + ".jpg"), Pictures.Encode(photo, SKEncodedImageFormat.Jpeg, 95));
        File.WriteAllBytes(Path.Combine(labels, id + ".png"), Pictures.GreyPng(Size, Size, label));
    }

    private string Folder(string name) => Directory.CreateDirectory(_folder.File("data/" + name)).FullName;

    private Task<ChildProcess> Run(params string[] arguments)
        => ChildProcess.Run(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Spn.Paper.dll"), .. arguments], _folder.Path);
}
