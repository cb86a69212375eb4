using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spn.Server.Problems;

namespace Spn.Server.Endpoints;

/// <summary>The JSON of the answers, without reflection, as native executables need it.</summary>
[JsonSerializable(typeof(RefinedJson))]
[JsonSerializable(typeof(ProblemResult.Content))]
internal sealed partial class ServerJson : JsonSerializerContext
{
    // Quotation marks stay readable: the answers are JSON and never part of a web page.
    public static ServerJson Readable { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    });
}
