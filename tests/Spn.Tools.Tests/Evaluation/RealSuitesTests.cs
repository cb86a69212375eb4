using System.Globalization;
using SkiaSharp;
using Spn.Training;
using Xunit;

namespace Spn.Tools.Tests.Evaluation;

/// <summary>Runs the suites of real networks as users do, on small folders of the same form as the real ones.</summary>
public sealed class RealSuitesTests : IDisposable
{
    private const int Width = 160, Height = 120;
    private static readonly string[] s_methods = ["SpnModel Fast", "EdgeGuidance", "guided filter", "guided filter", "0.85 · guided filter", "domain transform (NC", "domain transform (RF"];
    private static readonly string[] s_networks = ["espnetv2_2.0_384", "dicenet_1.0_256", "espnetv2_0.5_256"];

    private readonly TemporaryFolder _folder = new();

    public RealSuitesTests()
    {
        OpenCv.Require();
        string test = Folder("davis-networks"), frames = Folder("davis-train"), networks = Folder("davis-train/networks");
        WritePhoto(test, "swan");
        WriteMask(test, "swan__osvos", Width, Height, shift: 6);
        WriteMask(test, "swan__dicenet", Width / 8, Height / 8, shift: 3);
        WritePhoto(frames, "000");
        WritePhoto(frames, "001");
        WriteMask(networks, "001__isnet", Width / 2, Height / 2, shift: 2);
        File.WriteAllText(Path.Combine(frames, "sequences.csv"), "id,sequence,split\n000,a,training\n001,b,validation\n");

        string images = Folder("voc/images"), labels = Folder("voc/labels");
        File.WriteAllText(_folder.File("data/voc/A.txt"), "two\n");
        File.WriteAllText(_folder.File("data/voc/B.txt"), "one\ntwo\n");
        foreach (string name in new[] { "one", "two" })
        {
            File.WriteAllBytes(Path.Combine(images, name + ".jpg"), Photo());
            File.WriteAllBytes(Path.Combine(labels, name + ".png"), Pictures.GreyPng(Width, Height, (x, y) => (byte)(Radius(x, y) is > 38 and < 41 ? 255 : Radius(x, y) < 40 ? 12 : 0)));
        }
        const int W = Width / 8, H = Height / 8;
        foreach (string network in s_networks)
        {
            string planes = Folder($"voc/{network}");
            File.WriteAllText(_folder.File($"data/voc/{network}.csv"), $"id,height,width,classes\none,{H},{W},0 12\ntwo,{H},{W},0 12\n");
            byte Object(int x, int y) => (byte)Math.Clamp(128 + 8 * (42 - Radius(8 * x + 4, 8 * y + 4)), 10, 245);
            foreach (string name in new[] { "one", "two" })
                File.WriteAllBytes(Path.Combine(planes, name + ".png"), Pictures.GreyPng(W, 2 * H, (x, y) => y < H ? (byte)(255 - Object(x, y)) : Object(x, y - H)));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_command_writes_tables_of_both_suites_and_contact_sheets()
    {
        ChildProcess run = await Run("real", "data", "--model", "Fast", "--tables", "results", "--out", "sheets");
        Assert.True(run.ExitCode == 0, run.Output);

        string masks = File.ReadAllText(_folder.File("results/real-masks.md")), classes = File.ReadAllText(_folder.File("results/voc-classes.md"));
        Assert.Contains("real data --model Fast`", masks, StringComparison.Ordinal);
        Assert.Equal(
            ["davis-networks: all networks, 2 masks", "davis-networks: dicenet, 1 masks", "davis-networks: osvos, 1 masks", "davis-train: all networks, 1 masks", "davis-train: isnet, 1 masks"],
            Headings(masks));
        Assert.Equal(s_networks.Select(network => $"{network}, 2 photos"), Headings(classes));
        AssertMethods(masks, 5, ["coarse mask", .. s_methods, "dense CRF (DeepLab", "GrabCut"]);
        AssertMethods(classes, 3, ["network, bilinear", .. s_methods, "dense CRF (Kr", "dense CRF (DeepLab"]);

        string[] csv = File.ReadAllLines(_folder.File("results/voc-classes.csv"));
        Assert.Equal(1 + 3 * (3 + s_methods.Length), csv.Length);
        double before = MIoU(csv[1]), after = MIoU(csv[2]);
        Assert.True(after > before, $"{before} to {after}"); // the disc has a clear edge
        Assert.StartsWith("davis-networks/dicenet,\"coarse mask\",1,", File.ReadAllLines(_folder.File("results/real-masks.csv"))[1], StringComparison.Ordinal);

        string[] expected = ["classes-best.png", "classes-worst.png", "davis-networks", "davis-train", "real-masks-scores.csv", "voc-classes-scores.csv"];
        Assert.Equal(expected, Directory.GetFileSystemEntries(_folder.File("sheets")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (string sheet in new[] { "classes-best.png", "classes-worst.png", "davis-networks/best.png", "davis-train/worst.png" })
        {
            using SKBitmap picture = SKBitmap.Decode(_folder.File("sheets/" + sheet));
            Assert.True(picture is { Width: > 1000, Height: > 200 }, sheet);
        }

        static double MIoU(string row) => double.Parse(row.Split('"')[2].Split(',')[4], CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_suite_alone_takes_the_part_and_the_number_of_photos_asked_for()
    {
        ChildProcess run = await Run("real", "data", "--suite", "classes", "--part", "A", "--max-photos", "1", "--tables", "results");
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Equal(s_networks.Select(network => $"{network}, 1 photos"), Headings(File.ReadAllText(_folder.File("results/voc-classes.md"))));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.File("results")).Length);
    }

    [Fact]
    public async Task Class_probabilities_become_single_masks_that_a_training_reads()
    {
        ChildProcess run = await Run("export", "data/voc", "--list", "A.txt", "--network", s_networks[0], "--out", "masks");
        Assert.True(run.ExitCode == 0, run.Output);
        Assert.Contains("Wrote 2 masks", run.Output, StringComparison.Ordinal);

        var photos = new ImageFolder(_folder.File("masks"), realMasks: _folder.File("masks/networks"));
        Assert.Equal(2, photos.Count);
        LabeledImage background = photos.Image(0), disc = photos.Image(1);
        int centre = Height / 2 * Width + Width / 2, border = centre + 40;
        Assert.Equal((0, 255, 255), (background.Mask[centre], disc.Mask[centre], background.Mask[0]));
        Assert.Equal((255, 255, 0), (background.Ignored![border], disc.Ignored![border], disc.Ignored[centre]));
        byte[] real = Assert.Single(disc.RealMasks!);
        Assert.True(real[centre] > 200 && real[0] < 50, $"{real[centre]}, {real[0]}");
        Assert.All(Enumerable.Range(0, real.Length), i => Assert.InRange(real[i] + background.RealMasks![0][i], 252, 258));
    }

    [Fact]
    public async Task Bad_data_gives_the_reason_and_exit_code_one()
    {
        File.WriteAllText(_folder.File($"data/voc/{s_networks[0]}.csv"), "id,height,width,classes\none,15,19,0 12\n");
        await Refused("expected 2 planes of 19 x 15", "--suite", "classes");
        File.WriteAllText(_folder.File("data/voc/B.txt"), "three\n");
        await Refused("contains no photo of B.txt", "--suite", "classes");
        WriteMask(_folder.File("data/davis-networks"), "swan__square", 64, 64, shift: 0);
        await Refused("swan__square", "--suite", "masks");
        foreach (string mask in Directory.GetFiles(_folder.File("data/davis-networks"), "*__*"))
            File.Delete(mask);
        await Refused("contains no photo with a true mask", "--suite", "masks");

        async Task Refused(string reason, params string[] options)
        {
            ChildProcess run = await Run(["real", "data", .. options]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains(reason, run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Output, StringComparison.Ordinal);
        }
    }

    private static string[] Headings(string markdown)
        => [.. markdown.Split('\n').Where(line => line.StartsWith('#')).Select(line => line.TrimStart('#', ' '))];

    private static void AssertMethods(string markdown, int tables, string[] methods)
    {
        string[] rows = [.. markdown.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| method", StringComparison.Ordinal))];
        Assert.Equal(tables * methods.Length, rows.Length);
        for (int i = 0; i < rows.Length; i++)
            Assert.StartsWith("| " + methods[i % methods.Length], rows[i], StringComparison.Ordinal);
    }

    private static double Radius(int x, int y) => Math.Sqrt((x - 80) * (x - 80) + (y - 60) * (y - 60));

    private static byte[] Photo()
    {
        using SKBitmap photo = Pictures.Bitmap(Width, Height, (x, y) => Radius(x, y) < 40 ? new SKColor(200, (byte)(60 + x % 16), 40) : new SKColor(40, (byte)(120 + y % 16), 150));
        return Pictures.Encode(photo, SKEncodedImageFormat.Jpeg, 95);
    }

    private static void WritePhoto(string folder, string name)
    {
        File.WriteAllBytes(Path.Combine(folder, name + ".jpg"), Photo());
        File.WriteAllBytes(Path.Combine(folder, name + "_gt.png"), Pictures.GreyPng(Width, Height, (x, y) => (byte)(Radius(x, y) < 40 ? 255 : 0)));
    }

    private static void WriteMask(string folder, string name, int width, int height, int shift)
        => File.WriteAllBytes(
            Path.Combine(folder, name + ".png"),
            Pictures.GreyPng(width, height, (x, y) => (byte)(Radius((x * Width / width) - shift, y * Height / height) < 40 ? 255 : 0)));

    private string Folder(string name) => Directory.CreateDirectory(_folder.File("data/" + name)).FullName;

    private Task<ChildProcess> Run(params string[] arguments)
        => ChildProcess.Run(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "Spn.Evaluation.dll"), .. arguments], _folder.Path);
}
