using System.Text.Json.Nodes;

namespace Spn.Cli.Annotations.Coco;

/// <summary>A COCO annotation file (https://cocodataset.org/#format-data). What is not replaced stays as it was.</summary>
internal sealed class CocoFile : IAnnotationFile
{
    private readonly JsonNode _root;

    private CocoFile(JsonNode root, IReadOnlyList<AnnotatedImage> images) => (_root, Images) = (root, images);

    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <exception cref="InvalidDataException">It is no COCO file.</exception>
    public static CocoFile Read(JsonNode root, string name)
    {
        try
        {
            ILookup<long, JsonObject> annotations = root["annotations"]!.AsArray().Select(node => node!.AsObject())
                .Where(annotation => annotation["segmentation"] is JsonObject or JsonArray { Count: > 0 })
                .ToLookup(annotation => annotation["image_id"]!.GetValue<long>());
            AnnotatedImage[] images =
            [
                .. root["images"]!.AsArray().Select(node => node!.AsObject()).Where(image => annotations.Contains(IdOf(image)))
                    .Select(image => Read(image, annotations[IdOf(image)])),
            ];
            return new CocoFile(root, images);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidOperationException or FormatException or NullReferenceException)
        {
            const string Expected = "expected \"images\" with id, file_name, width and height, and \"annotations\" with image_id.";
            throw new InvalidDataException($"'{name}' is no COCO file: {Expected}", e);
        }

        static long IdOf(JsonNode image) => image["id"]!.GetValue<long>();
    }

    private static AnnotatedImage Read(JsonObject image, IEnumerable<JsonObject> annotations)
    {
        string file = image.Get<string>("file_name");
        return new AnnotatedImage(
            file, [file], image.Get<int>("width"), image.Get<int>("height"), [.. annotations.Select(node => new CocoObject(node))]);
    }

    public byte[] Write() => JsonFile.Write(_root);
}
