using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Spn.Cli.Coco;

/// <summary>A COCO annotation file (https://cocodataset.org/#format-data). What is not replaced stays as it was.</summary>
internal sealed class CocoFile
{
    private readonly JsonNode _root;

    private CocoFile(JsonNode root, IReadOnlyList<CocoImage> images) => (_root, Images) = (root, images);

    /// <summary>The images that have annotations with masks, in the order of the file.</summary>
    public IReadOnlyList<CocoImage> Images { get; }

    /// <exception cref="InvalidDataException">It is no COCO file.</exception>
    public static CocoFile Read(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            JsonNode root = JsonNode.Parse(json) ?? throw new InvalidDataException($"'{name}' is empty.");
            ILookup<long, JsonObject> annotations = root["annotations"]!.AsArray().Select(node => node!.AsObject())
                .Where(annotation => annotation["segmentation"] is JsonObject or JsonArray { Count: > 0 })
                .ToLookup(annotation => annotation["image_id"]!.GetValue<long>());
            CocoImage[] images = [.. root["images"]!.AsArray().Select(node => node!).Where(image => annotations.Contains(IdOf(image)))
                .Select(image => new CocoImage(
                    image["file_name"]!.GetValue<string>(), image["width"]!.GetValue<int>(), image["height"]!.GetValue<int>(),
                    [.. annotations[IdOf(image)].Select(annotation => new CocoAnnotation(annotation))]))];
            return new CocoFile(root, images);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            string reason = e is JsonException
                ? e.Message
                : "expected \"images\" with id, file_name, width and height, and \"annotations\" with image_id.";
            throw new InvalidDataException($"'{name}' is no COCO file: {reason}", e);
        }

        static long IdOf(JsonNode image) => image["id"]!.GetValue<long>();
    }

    /// <summary>The whole file.</summary>
    public byte[] Write()
    {
        using MemoryStream file = new();
        using (Utf8JsonWriter writer = new(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            _root.WriteTo(writer);
        return file.ToArray();
    }
}

/// <summary>A photo with annotations.</summary>
/// <param name="FileName">Its path below the folder of the photos.</param>
/// <param name="Width">Pixels per row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Annotations">One or more.</param>
internal sealed record CocoImage(string FileName, int Width, int Height, IReadOnlyList<CocoAnnotation> Annotations);
