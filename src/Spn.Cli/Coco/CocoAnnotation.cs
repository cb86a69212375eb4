using System.Drawing;
using System.Text.Json.Nodes;
using Adapters;

namespace Spn.Cli.Coco;

/// <summary>An annotation, whose mask has one of three forms: polygons, run lengths as numbers, or run lengths as text.</summary>
/// <param name="node">The annotation in the file.</param>
internal sealed class CocoAnnotation(JsonObject node)
{
    /// <summary>The distance by which polygons may differ from the refined mask's boundary, in pixels.</summary>
    private const float Tolerance = 0.5f;

    /// <summary>The mask.</summary>
    /// <param name="width">The image's pixels per row.</param>
    /// <param name="height">The image's rows.</param>
    /// <exception cref="InvalidDataException">The annotation is damaged, or its mask has another size.</exception>
    public Mask Read(int width, int height)
    {
        try
        {
            JsonNode segmentation = node["segmentation"]!;
            if (segmentation is JsonArray polygons)
                return CocoMasks.FromPolygons(polygons.Select(polygon => Numbers<float>(polygon!)), width, height);
            int[] size = Numbers<int>(segmentation["size"]!);
            if (size is not [int rows, int columns] || rows != height || columns != width)
                throw new InvalidDataException($"{this}: the mask has size [{string.Join(", ", size)}], the image [{height}, {width}].");
            return segmentation["counts"] is JsonArray counts
                ? CocoMasks.FromCounts(Numbers<int>(counts), width, height)
                : CocoMasks.FromText(segmentation["counts"]!.GetValue<string>(), width, height);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new InvalidDataException($"{this}: the segmentation is damaged. {e.Message}", e);
        }

        static T[] Numbers<T>(JsonNode array) => [.. array.AsArray().Select(number => number!.GetValue<T>())];
    }

    /// <summary>Replaces the mask, its area and its box. A mask without foreground is not written.</summary>
    /// <param name="refined">A hard mask.</param>
    /// <param name="asRuns">Whether polygons become run lengths, as text.</param>
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

    /// <summary>The outlines; the format has no holes.</summary>
    private static JsonArray Polygons(Mask mask)
    {
        IEnumerable<MaskPolygon> polygons = mask.ToPolygons(tolerance: Tolerance).Where(polygon => polygon.Outline.Count >= 3);
        IEnumerable<JsonNode> outlines = polygons.Select(polygon => (JsonNode)new JsonArray(
            [.. polygon.Outline.SelectMany(point => new[] { point.X, point.Y }).Select(value => (JsonNode)MathF.Round(value, 2))]));
        return new JsonArray([.. outlines]);
    }

    /// <summary>The annotation in a sentence.</summary>
    public override string ToString() => $"annotation {node["id"]}";
}
