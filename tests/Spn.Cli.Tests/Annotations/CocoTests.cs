using System.Text.Json;
using System.Text.Json.Nodes;
using Adapters;
using Xunit;

namespace Spn.Cli.Tests.Annotations;

/// <summary>COCO files of the form of COCO's own: polygons, run lengths as text and as numbers.</summary>
public sealed class CocoTests : IDisposable
{
    private const int Width = 96, Height = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly Mask _coarse = Mask.Load(Scene.Mask());

    public CocoTests()
    {
        Directory.CreateDirectory(_folder.File("photos/val2017"));
        _folder.File("photos/val2017/000000000139.jpg", Scene.Photo());
        _folder.File("instances.json", System.Text.Encoding.UTF8.GetBytes(Annotations()));
    }

    public void Dispose() => _folder.Dispose();

    private string Annotations(string fileName = "val2017/000000000139.jpg", int width = Width) => $$"""
        {
          "info": { "description": "ünïcode stays", "year": 2017 },
          "licenses": [ { "id": 1, "name": "none" } ],
          "images": [
            { "license": 1, "file_name": "{{fileName}}", "height": {{Height}}, "width": {{width}}, "id": 139 },
            { "license": 1, "file_name": "val2017/empty.jpg", "height": 5, "width": 5, "id": 285 }
          ],
          "annotations": [
            { "id": 7, "image_id": 139, "category_id": 3, "iscrowd": 0, "area": 1.5, "bbox": [0, 0, 1, 1], "score": 0.75,
              "segmentation": [ {{Outline()}} ] },
            { "id": 8, "image_id": 139, "category_id": 3, "iscrowd": 1, "area": 1, "bbox": [0, 0, 1, 1],
              "segmentation": { "size": [{{Height}}, {{width}}], "counts": {{JsonSerializer.Serialize(CocoMasks.ToText(_coarse))}} } },
            { "id": 9, "image_id": 139, "category_id": 3, "iscrowd": 1, "area": 1, "bbox": [0, 0, 1, 1],
              "segmentation": { "size": [{{Height}}, {{width}}], "counts": {{JsonSerializer.Serialize(CocoMasks.ToCounts(_coarse))}} } },
            { "id": 10, "image_id": 139, "category_id": 3, "bbox": [1, 2, 3, 4], "segmentation": [] }
          ],
          "categories": [ { "supercategory": "thing", "id": 3, "name": "disc" } ]
        }
        """;

    private string Outline() => JsonSerializer.Serialize(_coarse.ToPolygons()[0].Outline.SelectMany(point => new[] { point.X, point.Y }));

    private Mask Expected()
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithHardOutput().Build();
        return refiner.Refine(_folder.File("photos/val2017/000000000139.jpg"), _coarse);
    }

    private async Task<JsonNode> Refine(params string[] options)
    {
        SpnProcess.Result run = await SpnProcess.Run(_folder, ["annotations", "photos", "instances.json", "-o", "out/refined.json", .. options]);
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.StartsWith("Refined 1 of 1", run.Text, StringComparison.Ordinal);
        return JsonNode.Parse(File.ReadAllBytes(_folder.File("out/refined.json")))!;
    }

    [Fact]
    public async Task Masks_are_refined_in_their_forms_and_the_rest_stays()
    {
        JsonNode refined = await Refine(), before = JsonNode.Parse(Annotations())!;
        Mask expected = Expected();
        Assert.NotEqual(_coarse.Pixels.ToArray(), expected.Pixels.ToArray());

        float[][] polygons = refined["annotations"]![0]!["segmentation"].Deserialize<float[][]>()!;
        Mask drawn = CocoMasks.FromPolygons(polygons, Width, Height);
        Assert.InRange(drawn.Pixels.ToArray().Zip(expected.Pixels.ToArray()).Count(pair => pair.First != pair.Second), 0, 25);
        Assert.Equal(expected.Pixels.ToArray(), CocoMasks.FromText(
            refined["annotations"]![1]!["segmentation"]!["counts"]!.GetValue<string>(), Width, Height).Pixels.ToArray());
        Assert.Equal(expected.Pixels.ToArray(), CocoMasks.FromCounts(
            refined["annotations"]![2]!["segmentation"]!["counts"].Deserialize<int[]>()!, Width, Height).Pixels.ToArray());
        System.Drawing.Rectangle box = expected.BoundingBox();
        for (int i = 0; i < 3; i++)
        {
            JsonNode annotation = refined["annotations"]![i]!;
            Assert.Equal([box.X, box.Y, box.Width, box.Height], annotation["bbox"].Deserialize<int[]>()!);
            Assert.Equal((int)expected.Pixels.ToArray().Sum(), annotation["area"]!.GetValue<int>());
        }

        for (int i = 0; i < 3; i++)
        {
            foreach (string changed in new[] { "segmentation", "bbox", "area" })
            {
                refined["annotations"]![i]!.AsObject().Remove(changed);
                before["annotations"]![i]!.AsObject().Remove(changed);
            }
        }
        Assert.True(JsonNode.DeepEquals(before, refined), refined.ToJsonString());
    }

    [Fact]
    public async Task Polygons_become_run_lengths_on_request()
    {
        JsonNode segmentation = (await Refine("--rle"))["annotations"]![0]!["segmentation"]!;
        Assert.Equal([Height, Width], segmentation["size"].Deserialize<int[]>()!);
        Assert.Equal(Expected().Pixels.ToArray(), CocoMasks.FromText(segmentation["counts"]!.GetValue<string>(), Width, Height).Pixels.ToArray());
    }

    [Theory]
    [InlineData("val2017/none.jpg", Width, "val2017/none.jpg: There is no file")]
    [InlineData("val2017/000000000139.jpg", 97, "annotation 8: the segmentation is damaged. Expected runs that fill 97 x 64 pixels.")]
    public async Task What_cannot_be_refined_is_listed_and_stays(string fileName, int width, string reason)
    {
        _folder.File("instances.json", System.Text.Encoding.UTF8.GetBytes(Annotations(fileName, width)));
        SpnProcess.Result run = await SpnProcess.Run(_folder, "annotations", "photos", "instances.json", "-o", "refined.json");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Annotations(fileName, width)), JsonNode.Parse(File.ReadAllBytes(_folder.File("refined.json")))));
    }

    [Theory]
    [InlineData(1, "is no COCO file", "{ \"images\": 3 }")]
    [InlineData(1, "is no Label Studio file", "[1, 2]")]
    [InlineData(1, "is no COCO file", "no JSON")]
    public async Task Other_files_are_refused(int exitCode, string reason, string json)
    {
        _folder.File("instances.json", System.Text.Encoding.UTF8.GetBytes(json));
        SpnProcess.Result run = await SpnProcess.Run(_folder, "annotations", "photos", "instances.json", "-o", "refined.json");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("refined.json")));
    }

    [Fact]
    public async Task The_input_is_never_overwritten()
    {
        SpnProcess.Result run = await SpnProcess.Run(_folder, "annotations", "photos", "instances.json", "-o", "instances.json");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("would overwrite an input", run.Errors, StringComparison.Ordinal);
    }
}
