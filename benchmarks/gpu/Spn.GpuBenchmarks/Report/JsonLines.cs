using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Spn.GpuBenchmarks.Report;

/// <summary>Stores records as lines of JSON. Each is written to disk immediately, so that it survives later failures.</summary>
internal static class JsonLines
{
    public static void Append<T>(string path, T record, JsonTypeInfo<T> type)
        => File.AppendAllText(path, JsonSerializer.Serialize(record, type) + "\n");

    /// <summary>The records of a file, if it exists. An incomplete line is skipped.</summary>
    public static IReadOnlyList<T> Read<T>(string path, JsonTypeInfo<T> type)
    {
        var records = new List<T>();
        foreach (string line in File.Exists(path) ? File.ReadLines(path) : [])
        {
            try
            {
                records.Add(JsonSerializer.Deserialize(line, type)!);
            }
            catch (JsonException)
            {
                // The process that wrote the line was stopped.
            }
        }

        return records;
    }
}

/// <summary>The serialisation of the records, one per line.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Figure))]
[JsonSerializable(typeof(KernelFigure))]
[JsonSerializable(typeof(DeviceFacts))]
internal sealed partial class LineJson : JsonSerializerContext;
