using System.Text.Json.Nodes;

namespace Spn.Cli.Annotations.LabelStudio;

/// <summary>Tasks as Label Studio exports and imports them (its format "JSON").</summary>
internal sealed class LabelStudioFile : IAnnotationFile
{
    private static readonly string[] s_lists = ["annotations", "predictions", "drafts", "completions"];

    private readonly JsonNode _root;

    private LabelStudioFile(JsonNode root, IReadOnlyList<AnnotatedImage> images) => (_root, Images) = (root, images);

    public IReadOnlyList<AnnotatedImage> Images { get; }

    /// <exception cref="InvalidDataException">It is no file of Label Studio.</exception>
    public static LabelStudioFile Read(JsonNode root, string name)
    {
        try
        {
            IEnumerable<JsonObject> tasks = root is JsonObject task ? [task] : (root as JsonArray ?? []).Objects();
            return new LabelStudioFile(root, [.. tasks.SelectMany(Read)]);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{name}' is no Label Studio file of the format JSON: {e.Message}", e);
        }
    }

    public byte[] Write() => JsonFile.Write(_root);

    /// <summary>The images of a task. There is one, unless the labeling interface shows several.</summary>
    private static IEnumerable<AnnotatedImage> Read(JsonObject task)
    {
        string id = task["id"]?.ToString() ?? "without id";
        if (task["data"] is not JsonObject data)
            throw new InvalidDataException($"task {id} has no \"data\".");
        IEnumerable<JsonObject> results =
            from list in s_lists
            where task[list] is JsonArray
            from annotation in task[list]!.AsArray().OfType<JsonObject>() // some exports list numbers of drafts and predictions
            where annotation["result"] is JsonArray
            from result in annotation["result"]!.AsArray().Objects()
            where LabelStudioObject.Is(result)
            select result;
        IGrouping<string, JsonObject>[] images = [.. results.GroupBy(result => result["to_name"]?.ToString() ?? "")];
        foreach (IGrouping<string, JsonObject> image in images)
        {
            LabelStudioObject[] objects = [.. image.Select(region => new LabelStudioObject(id, region))];
            (int width, int height) = objects[0].Size;
            List<string> files = Files(data, image.Key, id);
            yield return new AnnotatedImage(files[^1], files, width, height, objects);
        }
    }

    /// <summary>
    /// Where the photo of a task may be. The task holds an address: of an uploaded file, whose name has eight characters in front of it, of
    /// local storage (?d=PATH), or of cloud storage.
    /// </summary>
    private static List<string> Files(JsonObject data, string tag, string task)
    {
        string address = Text(data[tag]) ?? Text(data["image"])
            ?? data.Select(field => Text(field.Value)).FirstOrDefault(text => text is not null && Path.GetExtension(text).Length > 1)
            ?? throw new InvalidDataException($"task {task} has no image in its \"data\".");
        int local = address.IndexOf("?d=", StringComparison.Ordinal);
        string path = Uri.UnescapeDataString(local >= 0 ? address[(local + "?d=".Length)..] : address.Split('?', '#')[0]);
        string name = path[(path.LastIndexOf('/') + 1)..];
        List<string> files = [name];
        if (local >= 0)
            files.Insert(0, path.TrimStart('/'));
        const int Prefix = 9; // of uploads: 8 characters and a dash
        if (name.Length > Prefix && name[Prefix - 1] == '-')
            files.Add(name[Prefix..]);
        return files;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
