using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Spn.Cli.Output;

/// <summary>The reports of <c>--json</c>, without reflection, as native executables need it.</summary>
[JsonSerializable(typeof(RefineJson))]
[JsonSerializable(typeof(BatchJson))]
[JsonSerializable(typeof(CompareJson))]
internal sealed partial class Json : JsonSerializerContext
{
    // Names of files stay readable: the output is for a terminal or a program, not for a web page.
    public static Json Readable { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    });
}
