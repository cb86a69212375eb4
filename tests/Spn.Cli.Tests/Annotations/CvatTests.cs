using System.Globalization;
using System.Xml.Linq;
using Adapters;
using Xunit;

namespace Spn.Cli.Tests.Annotations;

/// <summary>Files of "CVAT for images 1.1".</summary>
public sealed class CvatTests : IDisposable
{
    private const int Width = 96, Height = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly Mask _coarse = Mask.Load(Scene.Mask());

    public CvatTests() => _folder.File("photos/disc.jpg", Scene.Photo());

    public void Dispose() => _folder.Dispose();

    private string Points => string.Join(';', _coarse.ToPolygons()[0].Outline
        .Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:F2},{point.Y:F2}")));

    private string Annotations(string name = "set/disc.jpg", string? mask = null, string? points = null, string extra = "") => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <annotations>
          <version>1.1</version>
          <meta><task><name>ünïcode &amp; more</name></task></meta>
          <image id="0" name="{name}" width="{Width}" height="{Height}">
            <mask label="disc" source="semi-auto" occluded="0" {mask ?? Runs(_coarse)} z_order="3">
              <attribute name="kind">round</attribute>
            </mask>
            <polygon label="disc" source="manual" occluded="0" points="{points ?? Points}" z_order="1">
            </polygon>
            <box label="disc" xtl="1.00" ytl="2.00" xbr="3.00" ybr="4.00" z_order="0"></box>
          </image>
          <image id="1" name="none.jpg" width="5" height="5"/>{extra}
        </annotations>
        """;

    private async Task<SpnProcess.Result> Run(string xml, params string[] options)
    {
        _folder.File("annotations.xml", System.Text.Encoding.UTF8.GetBytes(xml));
        return await SpnProcess.Run(_folder, ["annotations", "photos", "annotations.xml", "-o", "refined.xml", .. options]);
    }

    private string Refined() => File.ReadAllText(_folder.File("refined.xml"));

    private Mask Expected()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithHardOutput().Build();
        return refiner.Refine(_folder.File("photos/disc.jpg"), _coarse);
    }

    /// <summary>A naive writer: the rows of the box one after another, as runs that begin with the background.</summary>
    private static string Runs(Mask mask)
    {
        System.Drawing.Rectangle box = mask.BoundingBox();
        string row = string.Concat(
            from y in Enumerable.Range(box.Y, box.Height) from x in Enumerable.Range(box.X, box.Width) select mask[x, y] > 0.5f ? '1' : '0');
        List<int> runs = row[0] == '1' ? [0] : [];
        for (int at = 0, end; at < row.Length; at = end)
        {
            end = row.IndexOf(row[at] == '1' ? '0' : '1', at);
            end = end < 0 ? row.Length : end;
            runs.Add(end - at);
        }
        return $"""rle="{string.Join(", ", runs)}" left="{box.X}" top="{box.Y}" width="{box.Width}" height="{box.Height}" """.TrimEnd();
    }

    [Fact]
    public async Task Masks_and_polygons_are_refined_and_the_rest_stays()
    {
        SpnProcess.Result run = await Run(Annotations());
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.StartsWith("Refined 1 of 1", run.Text, StringComparison.Ordinal);
        Mask expected = Expected();
        Assert.NotEqual(_coarse.Pixels.ToArray(), expected.Pixels.ToArray());
        string points = XDocument.Parse(Refined()).Descendants("polygon").Single().Attribute("points")!.Value;
        Mask drawn = CocoMasks.FromPolygons(
            [[.. points.Split(';', ',').Select(number => float.Parse(number, CultureInfo.InvariantCulture))]], Width, Height);
        Assert.InRange(drawn.Pixels.ToArray().Zip(expected.Pixels.ToArray()).Count(pair => pair.First != pair.Second), 0, 25);

        // Everything else to the letter, the line ends too.
        string after = Annotations(mask: Runs(expected), points: points).Replace("\"/>", "\" />", StringComparison.Ordinal);
        Assert.Equal(after, Refined());
    }

    [Fact]
    public async Task Masks_of_the_tool_itself_are_read()
    {
        // The run lengths of a brush stroke that CVAT exported (cvat-ai/cvat issue 4723), moved into this photo.
        const string Exported = "17, 10, 27, 15, 23, 18, 20, 21, 18, 23, 16, 24, 15, 26, 13, 27, 13, 27, 12, 29, 10, 30, 9, 32, 7, 34, 5, 36, 3, "
            + "38, 2, 38, 2, 39, 1, 39, 1, 120, 1, 39, 1, 39, 1, 39, 2, 38, 2, 38, 3, 37, 3, 37, 3, 37, 4, 36, 4, 35, 6, 34, 7, 33, 7, 32, 9, "
            + "30, 10, 29, 13, 26, 15, 23, 18, 20, 22, 15, 12";
        string stroke = $"rle=\"{Exported}\" left=\"28\" top=\"13\" width=\"40\" height=\"40\"";
        SpnProcess.Result run = await Run(Annotations(mask: stroke));
        Assert.True(run.ExitCode == 0, run.ToString());

        float[] pixels = new float[Width * Height];
        string values = string.Concat(Exported.Split(',').Select((run, i) => new string(i % 2 == 0 ? '0' : '1', int.Parse(run, CultureInfo.InvariantCulture))));
        Assert.Equal(40 * 40, values.Length);
        for (int i = 0; i < values.Length; i++)
            pixels[(13 + i / 40) * Width + 28 + i % 40] = values[i] - '0';
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithHardOutput().Build();
        Mask refined = refiner.Refine(_folder.File("photos/disc.jpg"), MaskInput.FromPixels(pixels.AsMemory(), Width, Height));
        Assert.Contains(Runs(refined), Refined(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Polygons_become_masks_on_request()
    {
        SpnProcess.Result run = await Run(Annotations(), "--rle", "--format", "cvat");
        Assert.True(run.ExitCode == 0, run.ToString());
        XElement[] masks = [.. XDocument.Parse(Refined()).Descendants("mask")];
        Assert.Equal(2, masks.Length);
        Assert.Null(masks[1].Attribute("points"));
        Assert.Equal(("disc", "1"), (masks[1].Attribute("label")!.Value, masks[1].Attribute("z_order")!.Value));
        foreach (string attribute in new[] { "rle", "left", "top", "width", "height" })
            Assert.Equal(masks[0].Attribute(attribute)!.Value, masks[1].Attribute(attribute)!.Value);
    }

    [Fact]
    public async Task What_cannot_be_refined_is_listed_and_stays()
    {
        await Listed(Annotations("other.jpg"), "other.jpg: There is no file 'photos/other.jpg'.");
        await Listed(Annotations(mask: Box("1, 2", 0, 0, 2, 2)), "mask 1: Expected runs that fill 2 x 2 pixels.");
        await Listed(Annotations(mask: Box("1, x", 0, 0, 2, 2)), "mask 1: The attribute rle has ' x'; expected a whole number.");
        await Listed(Annotations(mask: Box("1, -1, 4", 0, 0, 2, 2)), "mask 1: Expected runs that fill 2 x 2 pixels.");
        await Listed(
            Annotations(mask: Box("0, 4", 95, 0, 2, 2)), "mask 1: The box of 2 x 2 pixels at (95, 0) is not within the 96 x 64");
        await Listed(Annotations(mask: "rle=\"4\""), "mask 1: The attribute left is missing.");
        await Listed(Annotations(points: "1,2;3"), "polygon 2: Expected points x,y;x,y, got '3'.");
        await Listed(Annotations(points: "1,2;3,4"), "polygon 2: ");

        static string Box(string runs, int left, int top, int width, int height)
            => $"rle=\"{runs}\" left=\"{left}\" top=\"{top}\" width=\"{width}\" height=\"{height}\"";

        async Task Listed(string xml, string reason)
        {
            SpnProcess.Result run = await Run(xml);
            Assert.True(run.ExitCode == 1, run.ToString());
            Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
            Assert.True(XNode.DeepEquals(XDocument.Parse(xml), XDocument.Parse(Refined())));
            File.Delete(_folder.File("refined.xml"));
        }
    }

    [Theory]
    [InlineData("<annotations><image>", "'annotations.xml' is no CVAT file: ")]
    [InlineData("<dataset/>", "its root is <dataset>; expected <annotations>.")]
    [InlineData("<annotations><track id='0'/></annotations>", "it holds tracks of a video. Export it as 'CVAT for images 1.1'.")]
    [InlineData("<annotations><image name='a.jpg' height='3'><polygon points='1,1'/></image></annotations>", "the image 'a.jpg' has no width.")]
    [InlineData("<!DOCTYPE a [<!ENTITY x 'y'>]><annotations>&x;</annotations>", "'annotations.xml' is no CVAT file: ")]
    public async Task Other_files_are_refused(string xml, string reason)
    {
        SpnProcess.Result run = await Run(xml);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("refined.xml")));
    }
}
