using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Spn.Cli.Annotations;

/// <summary>Parts of a JSON file, with messages that name what is missing.</summary>
internal static class JsonFile
{
    /// <summary>The whole file.</summary>
    public static byte[] Write(JsonNode root)
    {
        using MemoryStream file = new();
        using (Utf8JsonWriter writer = new(file, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            root.WriteTo(writer);
        return file.ToArray();
    }

    /// <summary>A property.</summary>
    /// <exception cref="InvalidDataException">It is missing or has another type.</exception>
    public static T Get<T>(this JsonObject node, string name)
        => node[name] is JsonValue value && value.TryGetValue(out T? content) && content is not null
            ? content
            : throw new InvalidDataException($"\"{name}\" is {(node[name] is null ? "missing" : node[name]!.ToJsonString())}.");

    /// <summary>The objects in an array.</summary>
    /// <exception cref="InvalidDataException">It holds something else.</exception>
    public static IEnumerable<JsonObject> Objects(this JsonArray array) => array.Select(
        item => item as JsonObject ?? throw new InvalidDataException($"Expected an object, got {item?.ToJsonString() ?? "null"}."));

    /// <summary>The numbers in an array.</summary>
    /// <exception cref="InvalidDataException">It holds something else, or numbers that do not fit.</exception>
    public static T[] Numbers<T>(this JsonArray array) => [.. array.Select(
        item => item is JsonValue value && value.TryGetValue(out T? number)
            ? number!
            : throw new InvalidDataException($"Expected numbers, got {item?.ToJsonString() ?? "null"}."))];
}
