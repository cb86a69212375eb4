using System.Text.Json.Nodes;
using Spn.Server.Endpoints;
using Spn.Server.Requests;

namespace Spn.Server.OpenApi;

/// <summary>
/// The OpenAPI document. The endpoints read their forms themselves, because of the limits, so a generator would see no fields: it is
/// written from the same list of fields that the endpoints accept.
/// </summary>
internal static class Description
{
    private static readonly (string Path, Operation Operation)[] s_operations =
    [
        ("/refine", Operation.Refine), ("/cutout", Operation.CutOut), ("/labels", Operation.Labels), ("/affinity", Operation.Affinity),
    ];

    private static readonly (string Status, string Meaning)[] s_problems =
    [
        ("400", "A field is missing, unknown, given twice, or has a value that it cannot have; or the form is damaged."),
        ("413", "The request is too large."),
        ("415", "The request is not multipart/form-data, or a file is not an image."),
        ("422", "The images cannot be processed: they do not fit each other, are damaged, or have too many pixels."),
        ("429", "Too many calls wait. Retry-After says when to try again."),
        ("503", "The call took too long, or too much memory is in use. Retry-After says when to try again."),
    ];

    /// <summary>The document, OpenAPI 3.1.</summary>
    /// <param name="models">The models of the server.</param>
    public static string Json(Models models) => Document(models).ToJsonString();

    private static JsonObject Document(Models models) => new()
    {
        ["openapi"] = "3.1.1",
        ["info"] = new JsonObject
        {
            ["title"] = "Spn",
            ["description"] = "Refines coarse masks so that they follow the edges of their images.",
            ["version"] = typeof(Description).Assembly.GetName().Version!.ToString(3),
        },
        ["servers"] = new JsonArray(new JsonObject { ["url"] = "." }), // below the path of this document, wherever the endpoints are mapped
        ["paths"] = Object(
            s_operations,
            entry => (entry.Path, new JsonObject { ["post"] = Describe(entry.Operation, models.Complete(entry.Operation.Fields)) })),
    };

    private static JsonObject Describe(Operation operation, Field[] inputs)
    {
        JsonObject result = new() { [Answer.PngType] = new JsonObject() };
        if (operation.HasReport)
            result["application/json"] = Schema(Object(RefinedJson.Properties, property => (property.Name, TypeOf(property.Type))));
        JsonObject responses = new() { ["200"] = Response(operation.Result, result) };
        foreach ((string status, string meaning) in s_problems)
        {
            (string, string)[] properties = [("title", "string"), ("status", "integer"), ("detail", "string")];
            responses[status] = Response(meaning, new JsonObject
            {
                ["application/problem+json"] = Schema(Object(properties, property => (property.Item1, TypeOf(property.Item2)))),
            });
        }
        JsonObject fields = Schema(Object(inputs, field => (field.Name, Describe(field))));
        fields["schema"]!["required"] = new JsonArray(
            [.. inputs.Where(field => field.Values.Count == 0).Select(field => JsonValue.Create(field.Name))]);
        return new JsonObject
        {
            ["summary"] = operation.Summary,
            ["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["multipart/form-data"] = fields } },
            ["responses"] = responses,
        };
    }

    private static JsonObject Describe(Field field)
    {
        // In OpenAPI 3.1 a part without a schema of its own is a file.
        JsonObject schema = field.IsFile ? [] : TypeOf(field.IsNumber ? "integer" : "string");
        schema["description"] = field.Description;
        if (field.Values.Count > 0)
        {
            schema["enum"] = new JsonArray([.. field.Values.Select(value => JsonValue.Create(value))]);
            schema["default"] = field.Values[0];
        }
        return schema;
    }

    private static JsonObject Response(string description, JsonObject content)
        => new() { ["description"] = description, ["content"] = content };

    private static JsonObject Schema(JsonObject properties)
        => new() { ["schema"] = new JsonObject { ["type"] = "object", ["properties"] = properties } };

    private static JsonObject TypeOf(string type) => new() { ["type"] = type };

    private static JsonObject Object<T>(IEnumerable<T> items, Func<T, (string Name, JsonNode Value)> property)
    {
        JsonObject result = [];
        foreach (T item in items)
        {
            (string name, JsonNode value) = property(item);
            result[name] = value;
        }
        return result;
    }
}
