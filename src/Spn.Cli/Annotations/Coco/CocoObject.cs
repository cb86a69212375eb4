using System.Drawing;
using System.Text.Json.Nodes;
using Adapters;
using Spn.Shared;

namespace Spn.Cli.Annotations.Coco;

/// <summary>An annotation, whose mask has one of three forms: polygons, run lengths as numbers, or run lengths as text.</summary>
/// <param name="node">The annotation in the file.</param>
internal sealed class CocoObject(JsonObject node) : IAnnotatedObject
{
    public Mask Read(int width, int height)
    {
        try
        {
            JsonNode segmentation = node["segmentation"]!;
            if (segmentation is JsonArray polygons)
                return CocoMasks.FromPolygons(polygons.Select(polygon => polygon!.AsArray().Numbers<float>()), width, height);
            int[] size = segmentation["size"]!.AsArray().Numbers<int>();
            if (size is not [int rows, int columns] || rows != height || columns != width)
                throw new InvalidDataException($"The mask has size [{string.Join(", ", size)}], the image [{height}, {width}].");
            return segmentation["counts"] is JsonArray counts
                ? CocoMasks.FromCounts(counts.Numbers<int>(), width, height)
                : CocoMasks.FromText(segmentation["counts"]!.GetValue<string>(), width, height);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or InvalidOperationException or NullReferenceException)
        {
            throw new InvalidDataException($"{this}: the segmentation is damaged. {e.Plain()}", e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>The area and the box follow.</remarks>
    public void Write(Mask refined, bool asRuns)
    {
        Rectangle box = refined.BoundingBox();
        if (box.IsEmpty)
            return;
        JsonNode before = node["segmentation"]!;
        JsonArray? polygons = before is JsonArray && !asRuns ? Polygons(refined) : null;
        if (polygons is { Count: 0 })
            return; // too small for a polygon
        node["segmentation"] = polygons ?? (JsonNode)new JsonObject
        {
            ["size"] = new JsonArray(refined.Height, refined.Width),
            ["counts"] = before is JsonObject runs && runs["counts"] is JsonArray
                ? new JsonArray([.. CocoMasks.ToCounts(refined).Select(count => (JsonNode)count)])
                : CocoMasks.ToText(refined),
        };
        node["bbox"] = new JsonArray(box.X, box.Y, box.Width, box.Height);
        node["area"] = refined.Pixels.ToArray().Count(value => value >= 0.5f);
    }

    private static JsonArray Polygons(Mask mask) => new([.. Outlines.Of(mask).Select(outline => (JsonNode)new JsonArray(
        [.. outline.SelectMany(point => new[] { point.X, point.Y }).Select(value => (JsonNode)MathF.Round(value, 2))]))]);

    /// <summary>The annotation in a sentence.</summary>
    public override string ToString() => $"annotation {node["id"]}";
}
