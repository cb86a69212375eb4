using System.Text.Json;
using System.Text.Json.Nodes;
using Adapters;
using Spn.Cli.Annotations.LabelStudio;
using Xunit;

namespace Spn.Cli.Tests.Annotations;

/// <summary>Files as Label Studio exports them.</summary>
public sealed class LabelStudioTests : IDisposable
{
    private const int Width = 96, Height = 64;

    private readonly TemporaryFolder _folder = new();
    private readonly Mask _coarse = Mask.Load(Scene.Mask());

    public LabelStudioTests() => _folder.File("photos/disc photo.jpg", Scene.Photo());

    public void Dispose() => _folder.Dispose();

    private string Brush => JsonSerializer.Serialize(BrushRuns.Encode(_coarse).Select(value => (int)value));

    private string Points => JsonSerializer.Serialize(
        _coarse.ToPolygons()[0].Outline.Select(point => new[] { 100.0 * point.X / Width, 100.0 * point.Y / Height }));

    private string Tasks(string image = "/data/upload/7/1a2b3c4d-disc%20photo.jpg", int width = Width, string? brush = null, int rotation = 0) => $$"""
        [
          {
            "id": 3, "data": { "image": "{{image}}", "note": "ünïcode" },
            "annotations": [ {
              "id": 41, "completed_by": 1, "lead_time": 12.5, "result": [
                { "id": "bR_1", "type": "brushlabels", "from_name": "tag", "to_name": "image", "origin": "manual",
                  "original_width": {{width}}, "original_height": {{Height}}, "image_rotation": {{rotation}},
                  "value": { "format": "rle", "rle": {{brush ?? Brush}}, "brushlabels": ["Disc"] } },
                { "id": "poly", "type": "polygonlabels", "from_name": "p", "to_name": "image",
                  "original_width": {{width}}, "original_height": {{Height}}, "image_rotation": {{rotation}},
                  "value": { "points": {{Points}}, "closed": true, "polygonlabels": ["Disc"] } },
                { "id": "box", "type": "rectanglelabels", "original_width": {{width}}, "original_height": {{Height}},
                  "value": { "x": 1, "y": 2, "width": 3, "height": 4, "rotation": 0, "rectanglelabels": ["Disc"] } },
                { "type": "relation", "from_id": "bR_1", "to_id": "poly", "direction": "right" }
              ] } ],
            "drafts": [ 7 ],
            "predictions": [ 5, { "model_version": "v1", "score": 0.5, "result": [
              { "id": "guess", "type": "brush", "from_name": "tag", "to_name": "image",
                "original_width": {{width}}, "original_height": {{Height}},
                "value": { "format": "rle", "rle": {{brush ?? Brush}} } } ] } ]
          },
          { "id": 4, "data": { "image": "none.jpg" }, "annotations": [ { "id": 42, "result": [] } ] }
        ]
        """;

    private async Task<SpnProcess.Result> Run(string json, params string[] options)
    {
        _folder.File("tasks.json", System.Text.Encoding.UTF8.GetBytes(json));
        return await SpnProcess.Run(_folder, ["annotations", "photos", "tasks.json", "-o", "refined.json", .. options]);
    }

    private Mask Expected(Mask coarse)
    {
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithHardOutput().Build();
        return refiner.Refine(_folder.File("photos/disc photo.jpg"), coarse);
    }

    private JsonNode Refined() => JsonNode.Parse(File.ReadAllBytes(_folder.File("refined.json")))!;

    private static Mask FromBrush(JsonNode region)
    {
        byte[] values = BrushRuns.Decode(region["value"]!["rle"].Deserialize<int[]>()!.Select(value => (byte)value).ToArray(), 4 * Width * Height);
        return Mask.Load(MaskInput.FromPixels(values.Where((_, i) => i % 4 == 3).Select(value => value / 255f).ToArray().AsMemory(), Width, Height));
    }

    private static Mask FromPoints(params IEnumerable<JsonNode> regions) => CocoMasks.FromPolygons(
        regions.Select(region => region["value"]!["points"].Deserialize<float[][]>()!
            .SelectMany(point => new[] { point[0] * Width / 100, point[1] * Height / 100 }).ToArray()),
        Width, Height);

    private static int Different(Mask one, Mask other) => one.Pixels.ToArray().Zip(other.Pixels.ToArray()).Count(pair => pair.First != pair.Second);

    [Fact]
    public async Task Brushes_and_polygons_are_refined_and_the_rest_stays()
    {
        SpnProcess.Result run = await Run(Tasks());
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.StartsWith("Refined 1 of 1", run.Text, StringComparison.Ordinal);
        JsonNode refined = Refined(), before = JsonNode.Parse(Tasks())!;
        Mask expected = Expected(_coarse);
        Assert.NotEqual(_coarse.Pixels.ToArray(), expected.Pixels.ToArray());
        JsonNode regions = refined[0]!["annotations"]![0]!["result"]!;
        Assert.Equal(expected.Pixels.ToArray(), FromBrush(regions[0]!).Pixels.ToArray());
        Assert.Equal(expected.Pixels.ToArray(), FromBrush(refined[0]!["predictions"]![1]!["result"]![0]!).Pixels.ToArray());
        Assert.InRange(Different(expected, FromPoints(regions[1]!)), 0, 25);

        foreach (JsonNode file in new[] { refined, before })
        {
            JsonNode task = file[0]!;
            task["annotations"]![0]!["result"]![0]!["value"]!.AsObject().Remove("rle");
            task["annotations"]![0]!["result"]![1]!["value"]!.AsObject().Remove("points");
            task["predictions"]![1]!["result"]![0]!["value"]!.AsObject().Remove("rle");
        }
        Assert.True(JsonNode.DeepEquals(before, refined), refined.ToJsonString());
    }

    [Theory]
    [InlineData("/data/local-files/?d=set/disc%20photo.jpg")]
    [InlineData("s3://bucket/folder/disc photo.jpg")]
    [InlineData("https://example.org/disc%20photo.jpg?token=1")]
    public async Task Photos_are_found_by_the_names_in_their_addresses(string image)
    {
        SpnProcess.Result run = await Run(Tasks(image), "--format", "label-studio");
        Assert.True(run.ExitCode == 0, run.ToString());
    }

    [Fact]
    public async Task A_polygon_whose_mask_falls_apart_becomes_several()
    {
        // One polygon around two discs.
        byte[] photo = Pictures.Encode(
            Pictures.Bitmap(Width, Height, (x, y) => IsDisc(x, y, 24) || IsDisc(x, y, 72) ? new(220, 140, 40) : new(40, 60, 140)),
            SkiaSharp.SKEncodedImageFormat.Png, 100);
        _folder.File("photos/two.png", photo);
        string points = """[[6, 20], [94, 20], [94, 80], [55, 80], [50, 55], [45, 80], [6, 80]]""";
        string json = $$"""
            { "id": 5, "data": { "image": "two.png" }, "annotations": [ { "result": [
              { "id": "both", "type": "polygonlabels", "original_width": {{Width}}, "original_height": {{Height}}, "to_name": "image",
                "value": { "points": {{points}}, "polygonlabels": ["Disc"] } },
              { "id": "last", "type": "choices", "value": { "choices": ["a"] } } ] } ] }
            """;
        SpnProcess.Result run = await Run(json, "--format", "label-studio", "--model", "quality");
        Assert.True(run.ExitCode == 0, run.ToString());
        JsonArray regions = Refined()["annotations"]![0]!["result"]!.AsArray();
        Assert.Equal("last", regions[^1]!["id"]!.GetValue<string>());
        JsonNode[] parts = [.. regions.SkipLast(1)!];
        Assert.Equal(Enumerable.Range(1, parts.Length).Select(i => i == 1 ? "both" : $"both-{i}"), parts.Select(part => part["id"]!.GetValue<string>()));
        Assert.All(parts, part => Assert.Equal("Disc", part["value"]!["polygonlabels"]![0]!.GetValue<string>()));
        Mask coarse = FromPoints(JsonNode.Parse(json)!["annotations"]![0]!["result"]![0]!);
        using Refiner refiner = SpnRefiner.Configure().OnCpu().WithModel(SpnModel.Quality).WithHardOutput().Build();
        Mask expected = refiner.Refine(photo, coarse);
        Assert.Equal(expected.ToPolygons(tolerance: 0.5f).Count, parts.Length);
        Assert.InRange(Different(expected, FromPoints(parts)), 0, 40);

        static bool IsDisc(int x, int y, int center) => (x - center) * (x - center) + (y - 32) * (y - 32) < 17 * 17;
    }

    [Fact]
    public async Task What_cannot_be_refined_is_listed_and_stays()
    {
        await Listed(Tasks("other.jpg"), "other.jpg: There is no file 'photos/other.jpg'.");
        await Listed(Tasks(width: 97), "disc photo.jpg: task 3, region bR_1: Expected run lengths of 24,832 values, got 24,576.");
        await Listed(Tasks(brush: "[0, 0, 96, 0, 57]"), "disc photo.jpg: task 3, region bR_1: The run lengths are damaged: they end too early.");
        await Listed(Tasks(brush: "[0, 0, 300]"), "disc photo.jpg: task 3, region bR_1: Expected numbers, got 300.");
        await Listed(Tasks(rotation: 90), "disc photo.jpg: task 3, region bR_1: The image is rotated in Label Studio");
        await Listed(Tasks().Replace(Points, "[[1, 2], [3]]", StringComparison.Ordinal), "region poly: Expected points [x, y], got [3].");
        await Listed(Tasks().Replace(Points, "[[1, 2], [3, 4]]", StringComparison.Ordinal), "region poly: ");

        async Task Listed(string json, string reason)
        {
            SpnProcess.Result run = await Run(json);
            Assert.True(run.ExitCode == 1, run.ToString());
            Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), Refined()));
            File.Delete(_folder.File("refined.json"));
        }
    }

    [Theory]
    [InlineData("[ {", "'tasks.json' is no Label Studio file: ")]
    [InlineData("[ 5 ]", "'tasks.json' is no Label Studio file of the format JSON: Expected an object, got 5.")]
    [InlineData("""[ { "id": 1, "image": "a.jpg", "tag": [] } ]""", "task 1 has no \"data\".")]
    [InlineData("""[ { "id": 1, "data": {}, "annotations": [ { "result": [ { "id": "r", "value": { "points": [] } } ] } ] } ]""",
        "task 1, region r: \"original_width\" is missing.")]
    [InlineData("""[ { "id": 1, "data": { "text": "x" }, "annotations": [ { "result": [ { "id": "r", "original_width": 9, "original_height": 9, "value": { "points": [] } } ] } ] } ]""",
        "task 1 has no image in its \"data\".")]
    public async Task Other_files_are_refused(string json, string reason)
    {
        SpnProcess.Result run = await Run(json);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(reason, run.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("refined.json")));
    }

    [Fact]
    public async Task Run_lengths_in_place_of_polygons_are_refused()
    {
        SpnProcess.Result run = await Run(Tasks(), "--rle");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("--rle cannot be used with Label Studio's files", run.Errors, StringComparison.Ordinal);
    }
}
