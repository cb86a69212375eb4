using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Spn.Orleans.Jobs;

/// <summary>The files of a job in JSON. Every value is one line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(CamelCaseEnum<ItemStatus>), typeof(CamelCaseEnum<MaskFit>), typeof(CamelCaseEnum<MaskValues>)])]
[JsonSerializable(typeof(ManifestItem))]
[JsonSerializable(typeof(ResultLine))]
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(JobSummary))]
internal sealed partial class JobJson : JsonSerializerContext
{
    // Names of files stay readable: the output is for a program or a terminal, not for a web page.
    public static JobJson Readable
        => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    internal sealed class CamelCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
        where T : struct, Enum;
}
